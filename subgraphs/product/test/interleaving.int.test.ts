import fc from 'fast-check';
import { Agent, fetch } from 'undici';
import { signCaller } from '../../shared/caller';
import { admin, freshTenantId, SIGNING_KEY } from '../../shared/test/askSubgraph';
import { FaultInjector } from '../../shared/test/faultInjector';
import { watchCheckOuts } from '../../shared/test/watchCheckOuts';
import { startSubgraphHere } from './startSubgraphHere';

const ROWS = 2;
let poolSize = 2;
const checkOuts = watchCheckOuts(() => poolSize);
let subgraph: Awaited<ReturnType<typeof startSubgraphHere>>;
let faults: FaultInjector;
/** Closed before the subgraph: a client that disconnected early leaves connections that were never used. */
const connections = new Agent();
const tenants = Array.from({ length: 5 }, (_, n) => freshTenantId(`t${n}`));

beforeAll(async () => {
  subgraph = await startSubgraphHere();
  faults = await FaultInjector.open(new URL(subgraph.appUrl).pathname.slice(1));
  for (const tenantId of tenants) {
    for (let n = 0; n < ROWS; n += 1) {
      const input = { name: tenantId };
      const query = 'mutation ($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { id } } }';
      await subgraph.ask(admin(tenantId), query, { input });
    }
  }
});
afterAll(async () => {
  await faults?.close();
  await connections.destroy();
  await subgraph?.close();
  checkOuts.stop();
});

const OPERATIONS = {
  read: '{ categories { name products(first: 1) { totalCount } } }',
  write:
    'mutation ($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { name } userErrors { code } } }',
};

interface Request {
  tenant: number;
  operation: keyof typeof OPERATIONS;
  /** The client disconnects after so many milliseconds; null: it waits. */
  patience: number | null;
}

/** A request as the gateway sends it, by one person who works in all five stores, on its own connection, which may be closed. */
async function send({ tenant, operation, patience }: Request): Promise<unknown> {
  const tenantId = tenants[tenant] ?? '';
  const body = JSON.stringify({
    query: OPERATIONS[operation],
    variables: { input: { name: tenantId, slug: 'taken' } },
  });
  const response = await fetch(`${subgraph.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signCaller(admin(tenantId), 'product', body, SIGNING_KEY) },
    body,
    dispatcher: connections,
    ...(patience !== null && { signal: AbortSignal.timeout(patience) }),
  });
  return response.json();
}

const request = fc.record({
  tenant: fc.nat(tenants.length - 1),
  operation: fc.constantFrom('read' as const, 'read' as const, 'write' as const),
  patience: fc.option(fc.nat(25), { nil: null, freq: 2 }),
});
const blow = fc.record({
  what: fc.constantFrom('pg_cancel_backend' as const, 'pg_terminate_backend' as const),
  after: fc.nat(25),
});

it('C17 G22 a person who works in five stores concurrently, while clients disconnect and statements are canceled or cut, sees each store by itself', async () => {
  const story = fc.tuple(
    fc.array(request, { minLength: 10, maxLength: 30 }),
    fc.array(blow, { maxLength: 3 }),
    fc.constantFrom(1, 2),
  );
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(story, async ([requests, blows, size]) => {
      poolSize = size;
      // While a table is locked, all statements that need it wait within their execution.
      const held = faults.hold(subgraph.ownerUrl, 'categories', 15);
      const struck = blows.map(async ({ what, after }) => {
        await new Promise((resolve) => setTimeout(resolve, after));
        await faults.strikeAny(what);
      });
      const answers = await Promise.allSettled(requests.map(send));
      await Promise.all([held, ...struck]);
      answers.forEach((answer, index) => {
        const text = answer.status === 'fulfilled' ? JSON.stringify(answer.value) : '';
        const of = tenants[requests[index]?.tenant ?? 0] ?? '';
        for (const other of tenants) if (other !== of) expect(text).not.toContain(other);
        if (requests[index]?.operation === 'read' && text.includes('"categories":[')) {
          answered += 1;
          const count = text.split(of).length - 1;
          expect([ROWS, ROWS + 1]).toContain(count);
        }
      });
      expect(checkOuts.seen.dirty).toEqual([]);
    }),
    { numRuns: 12 },
  );
  expect([answered > 50, checkOuts.seen.checked > 100]).toEqual([true, true]);
}, 60_000);
