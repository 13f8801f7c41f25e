import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCheckout, TEST_METHOD } from '../../subgraphs/order/test/testMethod';
import { type Statement, StatementLog } from '../../subgraphs/shared/test/observeStatements';
import { OwnSupergraph } from './ownSupergraph';

const SHARED_TESTS = join(__dirname, '..', '..', 'subgraphs', 'shared', 'test');

let folder: string;
let log: StatementLog;
let graph: OwnSupergraph;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statements-'));
  log = new StatementLog(join(folder, 'statements.jsonl'));
  graph = await OwnSupergraph.start({
    NODE_OPTIONS: `--require ./gateway/dev/ts --require ${join(SHARED_TESTS, 'observeStatements.preload.ts')}`,
    OBSERVED_STATEMENTS: log.file,
  });
}, 120_000);
afterAll(async () => {
  await graph?.stop();
  await rm(folder, { recursive: true });
}, 60_000);

const PRODUCT = `mutation ($input: ProductCreateInput!) { productCreate(input: $input) { product { variants { nodes { id } } } } }`;
const ORDER = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { id number status } userErrors { code } } }`;
/** The statements of a single query: BEGIN, set_tenant and COMMIT go with it. */
const AROUND_EACH_TRANSACTION = 3;

/** How many statements each database gets, including BEGIN, set_tenant and COMMIT. */
function countByDatabase(statements: Statement[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const seen = new Set<string>();
  for (const { database, transaction } of statements) {
    const service = database.split('_').find((word) => ['tenant', 'product', 'order'].includes(word)) ?? database;
    counts[service] = (counts[service] ?? 0) + 1 + (seen.has(transaction) ? 0 : AROUND_EACH_TRANSACTION);
    seen.add(transaction);
  }
  return counts;
}

/** The statements of placing an order and of the events' consumers. The relay's are excluded, because they depend on timing. */
function split(statements: Statement[]) {
  const all = (transaction: string) =>
    statements.filter((one) => one.transaction === transaction).map(({ sql }) => sql);
  const whose = (of: (sql: string[]) => boolean) =>
    countByDatabase(statements.filter(({ transaction }) => of(all(transaction))));
  const isTelling = (sql: string[]) => sql.some((one) => one.includes('inbox_events'));
  const isRelay = (sql: string[]) => sql.every((one) => /\boutbox_(events|leases)\b/.test(one));
  return { placing: whose((sql) => !isTelling(sql) && !isRelay(sql)), telling: whose(isTelling) };
}

async function placeOrder(headers: Record<string, string>, variantId: string, key: string) {
  const input = {
    lines: [{ variantId, quantity: 1 }],
    email: 'ada@example.com',
    shippingAddress: {
      name: 'Ada',
      line1: '1 Market Street',
      city: 'San Francisco',
      province: 'CA',
      countryCode: 'US',
    },
    paymentMethodId: TEST_METHOD,
    idempotencyKey: `the-key-of-this-test-${key}`,
  };
  const { body } = await graph.ask(headers, ORDER, { input });
  expect(body.data.orderCreate).toMatchObject({ order: { status: 'CONFIRMED' }, userErrors: [] });
}

/** The statements sent for a store since the given count, once no more follow. */
async function statementsSince(tenantId: string, count: number): Promise<Statement[]> {
  for (let before = -1; ; await sleep(2_000)) {
    const statements = log.all().filter((statement) => statement.tenantId === tenantId);
    if (statements.length === before) return statements.slice(count);
    before = statements.length;
  }
}

it('an order takes no more statements than before', async () => {
  const store = await graph.makeStore();
  const product = {
    name: 'Shoe',
    status: 'ACTIVE',
    variants: [{ sku: 'S', price: { amount: '10.00', currencyCode: 'USD' }, quantityOnHand: 100 }],
  };
  const { body } = await graph.ask(store.admin, PRODUCT, { input: product });
  const variantId = body.data.productCreate.product.variants.nodes[0].id;
  await openCheckout(graph.ownerUrl('order'), store.id);
  await placeOrder(store.admin, variantId, 'first');
  const before = await statementsSince(store.id, 0);
  await placeOrder(store.admin, variantId, 'second');
  const { placing, telling } = split(await statementsSince(store.id, before.length));
  // Lower numbers are good: write them down here.
  expect([placing.order, placing.product]).toEqual([27, 8]);
  // Events in quick succession may be delivered together, which takes fewer statements.
  expect(telling.product).toBeLessThanOrEqual(6);
  expect(telling.tenant).toBeLessThanOrEqual(13);
}, 120_000);
