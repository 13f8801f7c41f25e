import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { runInScope } from '../../shared/scope';
import { TenantPool } from '../../shared/tenantPool';
import { member } from '../../shared/test/askSubgraph';
import { Context } from '../context';
import { listCustomers } from '../customer/customer.service';
import { openOrderDatabase } from '../database';
import type { OrderSortKey, QueryOrdersArgs } from '../generated/resolvers';
import { listMyOrders, listOrders } from './order.service';

const STORES = 40;
const ORDERS = 500;
const STORE = 'org_store_7';

let database: TestDatabase;
let ctx: Context;
let close: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase('order');
  await fill();
  const opened = await openOrderDatabase(database.appUrl, 2);
  ({ close } = opened);
  ctx = new Context(member(STORE), opened.db, () => new AbortController().signal);
}, 120_000);
afterAll(async () => {
  await close();
  await database?.drop();
});

/** Inserts stores of equal size, with orders, buyers and search terms, as the owner of the database. */
async function fill(): Promise<void> {
  const client = new Client({ connectionString: database.ownerUrl });
  await client.connect();
  for (let store = 1; store <= STORES; store += 1) {
    await client.query('BEGIN');
    await client.query('SELECT set_tenant($1)', [`org_store_${store}`]);
    for (const statement of [
      `INSERT INTO customers (tenant_id, id, buyer_key, user_id, email, name, created_at)
       SELECT $1, 'cust_' || n, 'user:user_' || n, 'user_' || n, 'buyer' || n || '@example.com', 'Buyer ' || n, now() - n * interval '1 hour'
       FROM generate_series(1, ${ORDERS} / 5) AS n`,
      `INSERT INTO orders (tenant_id, id, number, status, email, customer_id, buyer_id, shipping_address, payment_method,
         currency_code, subtotal_amount, discount_amount, shipping_amount, tax_amount, shipping_tax_amount, total_amount,
         created_at, updated_at)
       SELECT $1, 'ord_' || n, 1000 + n, CASE n % 10 WHEN 0 THEN 'CANCELED' ELSE 'CONFIRMED' END::"OrderStatus",
         'buyer@example.com', 'user_' || (n % 100 + 1), 'cust_' || (n % 100 + 1), '{}', 'TEST', 'USD',
         n * 7919 % 10007, 0, 0, 0, 0, n * 7919 % 10007,
         now() - n * interval '1 minute', now() - n * 7 % 500 * interval '1 minute'
       FROM generate_series(1, ${ORDERS}) AS n`,
      `INSERT INTO payments (tenant_id, id, order_id, provider, currency_code, amount, flag, updated_at)
       SELECT $1, 'pay_' || n, 'ord_' || n, 'TEST', 'USD', n, CASE n % 500 WHEN 0 THEN 'Look at it.' END, now()
       FROM generate_series(1, ${ORDERS}) AS n`,
      `INSERT INTO order_disputes (tenant_id, id, order_id, provider_reference, status, reason, amount, currency_code, withheld_amount,
         opened_at, closed_at, updated_at)
       SELECT $1, 'disp_' || n, 'ord_' || n, 'du_' || n, 'WON', 'fraudulent', n, 'USD', 0, now(), now(), now()
       FROM generate_series(1, ${ORDERS}, 5) AS n`,
      `INSERT INTO order_search_terms (tenant_id, term, order_id)
       SELECT $1, term, 'ord_' || n FROM generate_series(1, ${ORDERS}) AS n, unnest(ARRAY[(1000 + n)::text, 'buyer' || n % 100, 'shoe']) AS term`,
      `INSERT INTO customer_search_terms (tenant_id, term, customer_id)
       SELECT $1, 'buyer' || n, 'cust_' || n FROM generate_series(1, ${ORDERS} / 5) AS n`,
    ]) {
      await client.query(statement, [`org_store_${store}`]);
    }
    await client.query('COMMIT');
  }
  await client.query('ANALYZE');
  await client.end();
}

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Recheck Cond'?: string;
  'Plan Rows': number;
  Plans?: Plan[];
}
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** The plan of the one statement that `work` sends, as the service's role, with row-level security. */
async function planOf(work: () => Promise<unknown>): Promise<Plan[]> {
  const sent = jest.spyOn(TenantPool.prototype, 'query');
  await runInScope({ tenantId: STORE }, work);
  const statements = sent.mock.calls.map(([statement]) => statement);
  sent.mockRestore();
  expect(statements).toHaveLength(1);
  const [{ text, values }] = statements;
  const client = new Client({ connectionString: database.appUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT set_tenant($1)', [STORE]);
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${text}`, values);
    return nodesOf(rows[0]['QUERY PLAN'][0].Plan);
  } finally {
    await client.end();
  }
}

/** Every table is read by an index whose first column is the store. */
function expectOneStoreOnly(nodes: Plan[]): void {
  for (const node of nodes.filter((one) => one['Relation Name'] || one['Node Type'] === 'Bitmap Index Scan')) {
    expect([node['Node Type'], node['Relation Name']]).not.toContain('Seq Scan');
    expect(node['Index Cond'] ?? node['Recheck Cond'] ?? '').toContain('tenant_id = ');
  }
}

const args = (changes: Partial<QueryOrdersArgs>): QueryOrdersArgs => ({
  sortKey: 'CREATED_AT',
  reverse: true,
  first: 20,
  ...changes,
});

it.each<OrderSortKey>(['CREATED_AT', 'UPDATED_AT', 'NUMBER', 'TOTAL'])(
  'a page by %s is read from an index, from the first page and from a cursor, without sorting the store’s orders',
  async (sortKey) => {
    const page = await runInScope({ tenantId: STORE }, () => listOrders(ctx, args({ sortKey, first: 100 })));
    for (const after of [null, page.pageInfo.endCursor]) {
      const nodes = await planOf(() => listOrders(ctx, args({ sortKey, after })));
      expectOneStoreOnly(nodes);
      expect(nodes.map((node) => node['Node Type'])).not.toContain('Sort');
    }
  },
);

it.each<[string, Partial<QueryOrdersArgs>]>([
  ['a number', { where: { number: 1042 } }],
  ['a customer', { where: { customerId: 'cust_4' } }],
  ['a status', { where: { statuses: ['CANCELED'] } }],
  ['a time range', { where: { createdAt: { from: '2020-01-01T00:00:00Z' } } }],
  ['payments without a flag', { where: { paymentFlagged: false } }],
  ['orders whose authorization ends', { where: { authorizationExpiresBefore: '2020-01-01T00:00:00Z' } }],
  ['orders without an open dispute', { where: { hasOpenDispute: false } }],
  ['a rare word', { query: '1042' }],
  ['two words', { query: 'shoe buyer7' }],
])('a list of %s reads no other store’s rows', async (_what, changes) => {
  expectOneStoreOnly(await planOf(() => listOrders(ctx, args(changes))));
});

it('orders with flagged payments are read from their partial index', async () => {
  const nodes = await planOf(() => listOrders(ctx, args({ where: { paymentFlagged: true } })));
  expect(nodes.map((node) => node['Index Name'])).toContain('payments_flagged_idx');
  expectOneStoreOnly(nodes);
});

it('a rare word is looked up in the index of search terms', async () => {
  const nodes = await planOf(() => listOrders(ctx, args({ query: '1042' })));
  const terms = nodes.filter((node) => (node['Index Cond'] ?? '').includes('term'));
  expect(terms).not.toHaveLength(0);
});

it('a customer’s own orders, and customers by a word, are read from an index', async () => {
  const mine = new Context({ ...ctx.caller, userId: 'user_4' }, ctx.db, () => ctx.clientAbortSignal);
  expectOneStoreOnly(await planOf(() => listMyOrders(mine, { first: 20 })));
  expectOneStoreOnly(await planOf(() => listCustomers(ctx, { query: 'buyer7', reverse: true, first: 20 })));
});
