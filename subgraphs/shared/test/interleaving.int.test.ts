import fc from 'fast-check';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { type Db, openProductDatabase } from '../../product/database';
import type { InTransaction } from '../database';
import { runInScope } from '../scope';
import { freshTenantId } from './askSubgraph';
import { FaultInjector } from './faultInjector';
import { addCategory } from './interleaveTwoTenants';
import { watchCheckOuts } from './watchCheckOuts';

const TENANTS = 5;
const ROWS = 2;
let database: TestDatabase;
let db: Db;
let inTransaction: InTransaction;
let close: () => Promise<void>;
let faults: FaultInjector;
let poolSize = 2;
const checkOuts = watchCheckOuts(() => poolSize);
const tenants = Array.from({ length: TENANTS }, (_, n) => freshTenantId(`t${n}`));

beforeAll(async () => {
  database = await createTestDatabase('product');
  ({ db, inTransaction, close } = await openProductDatabase(database.appUrl, 2));
  faults = await FaultInjector.open(database.name);
  for (const tenantId of tenants) for (let n = 0; n < ROWS; n += 1) await addCategory(db, tenantId, tenantId);
});
afterAll(async () => {
  await faults?.close();
  await close();
  await database?.drop();
  checkOuts.stop();
});

const names = async (rows: PromiseLike<{ name: string }[]>) => (await rows).map(({ name }) => name);
const slowly = (mark: string) => `SELECT name, pg_sleep(20)::text FROM categories /* ${mark} */`;
let marks = 0;

/** A request's statements in its tenant's scope. They do not name the tenant, so only row-level security separates tenants. */
const REQUESTS = {
  'a statement': () => names(db.category.findMany({ select: { name: true } })),
  'a raw statement': () => names(db.$queryRaw<{ name: string }[]>`SELECT name FROM categories`),
  'a transaction': () =>
    db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT pg_sleep(0.002)::text`;
      return names(tx.category.findMany({ select: { name: true } }));
    }),
  'a statement that fails': () =>
    names(db.$queryRaw<{ name: string }[]>`SELECT name, 1 / (length(name) - length(name)) FROM categories`),
  'a transaction that fails in the middle': () =>
    db.$transaction(async (tx) => {
      await tx.category.updateMany({ data: { name: 'changed' } });
      await tx.$queryRaw`SELECT 1 / 0`;
      return [];
    }),
  'a transaction that is given up in the middle': () =>
    db.$transaction(async (tx) => {
      await tx.category.updateMany({ data: { name: 'changed' } });
      throw new Error('given up');
    }),
  'a transaction below Prisma that is given up in the middle': () =>
    inTransaction('BEGIN', async (tx) => {
      await tx.query({ text: "UPDATE categories SET name = 'changed'" });
      throw new Error('given up');
    }),
  'a statement that takes too long for the server': () =>
    db.$transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL statement_timeout = 15`;
      return names(tx.$queryRaw<{ name: string }[]>`SELECT name, pg_sleep(20)::text FROM categories`);
    }),
  'a transaction that takes too long for its caller, with a statement under way': () =>
    db.$transaction(
      async (tx) => {
        await tx.category.updateMany({ data: { name: 'changed' } });
        return names(tx.$queryRaw<{ name: string }[]>`SELECT name, pg_sleep(0.02)::text FROM categories`);
      },
      { timeout: 10 },
    ),
  'a statement that is canceled': () => struck('pg_cancel_backend'),
  'a statement whose connection is cut': () => struck('pg_terminate_backend'),
  'a connection that is cut, whoever has it': async () => {
    await faults.strikeAny('pg_terminate_backend');
    return names(db.category.findMany({ select: { name: true } }));
  },
} satisfies Record<string, () => Promise<string[]>>;

/** Outside of an interactive transaction, so that the four messages of the pipeline are sent together. */
async function struck(blow: 'pg_cancel_backend' | 'pg_terminate_backend'): Promise<string[]> {
  marks += 1;
  const mark = `struck-${marks}.`;
  const asked = names(db.$queryRawUnsafe<{ name: string }[]>(slowly(mark)));
  const [answer] = await Promise.allSettled([asked, faults.strike(blow, mark)]);
  if (answer.status === 'rejected') throw answer.reason;
  return answer.value;
}

const MUST_ANSWER = new Set<string>(['a statement', 'a raw statement', 'a transaction']);
const CUTS = new Set<string>(['a statement whose connection is cut', 'a connection that is cut, whoever has it']);
const isFault = fc.record({
  tenant: fc.nat(TENANTS - 1),
  what: fc.constantFrom(...(Object.keys(REQUESTS) as (keyof typeof REQUESTS)[])),
});

it('requests of five tenants on one or two connections, some failing, canceled or cut: none sees or changes another tenant’s rows, or leaves anything on the connection', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(isFault, { minLength: 8, maxLength: 30 }),
      fc.constantFrom(1, 2),
      async (requests, size) => {
        poolSize = size;
        const answers = await Promise.all(
          requests.map(({ tenant, what }) =>
            runInScope({ tenantId: tenants[tenant] ?? '' }, REQUESTS[what]).then(
              (seen) => ({ tenant, what, seen }),
              (error: Error) => ({ tenant, what, error }),
            ),
          ),
        );
        // Checked first, since a dirty connection may be the cause of a wrong answer.
        expect(checkOuts.seen.dirty).toEqual([]);
        for (const answer of answers) {
          if ('seen' in answer) expect(answer).toEqual({ ...answer, seen: Array(ROWS).fill(tenants[answer.tenant]) });
          // A request that should succeed fails only when a connection was cut.
          else if (MUST_ANSWER.has(answer.what))
            expect(requests.some(({ what }) => CUTS.has(what)) || answer).toBe(true);
        }
      },
    ),
    // Rows that a fault has left in the database would make each smaller example fail for another reason.
    { numRuns: 15, endOnFailure: true },
  );
  expect(checkOuts.seen.checked).toBeGreaterThan(100);
  const left = await Promise.all(
    tenants.map((tenantId) => runInScope({ tenantId }, () => names(db.category.findMany({ select: { name: true } })))),
  );
  expect(left).toEqual(tenants.map((tenantId) => Array(ROWS).fill(tenantId)));
}, 60_000);
