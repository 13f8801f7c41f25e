import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, member, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { publishSettings } from '../../shared/test/publishStoreEvents';
import { makeOrder, orderCreate, orderInput, shippingAddress } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { openCheckout } from '../test/testMethod';

let subgraph: OrderSubgraphUnderTest;
let store: string;

/** Each order's number, in the order they were placed: 1001 Ada, 1002 Bob (yen), 1003 a guest, 1004 Ada; the last is refused. */
beforeAll(async () => {
  subgraph = await startTestSubgraph();
  store = freshTenantId();
  const place = (who: string | null, variantId: string, quantity: number, changes: object = {}) => {
    const caller = who ? customer(store, `user_${who}`) : visitor(store);
    const input = orderInput({ lines: [{ variantId, quantity }], email: `${who ?? 'guest'}@example.com`, ...changes });
    return orderCreate(subgraph, caller, input);
  };
  await place('ada', 'pvar_1', 2);
  await place('bob', 'pvar_JPY', 3, { shippingAddress: { ...shippingAddress, name: 'Bob 100% _Ok' } });
  await place(null, 'pvar_2', 1, { email: 'Grace.Hopper@Navy.example' });
  await place('ada', 'pvar_3', 4);
  await place('bob', 'pvar_none', 1);
  await ask(`mutation { orderFulfill(id: "${(await order(1004)).id}") { userErrors { code } } }`);
});
afterAll(() => subgraph?.close());

async function ask(query: string, variables: Record<string, unknown> = {}, caller = member(store)) {
  const { data, errors } = await subgraph.ask(caller, query, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
const order = async (number: number) =>
  (await ask(`{ order(number: ${number}) { id createdAt customer { id } } }`)).order;

const LIST = `query ($where: OrderFilter, $query: String, $sortKey: OrderSortKey! = CREATED_AT, $reverse: Boolean! = false,
    $first: Int, $after: String, $last: Int, $before: String) {
  orders(where: $where, query: $query, sortKey: $sortKey, reverse: $reverse, first: $first, after: $after, last: $last, before: $before) {
    nodes { number } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
const NAMES = `query ($query: String) { orders(query: $query, reverse: false) { nodes { name } } }`;
interface Page {
  nodes: { number: number }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

async function numbers(variables: Record<string, unknown>): Promise<number[]> {
  const { nodes, totalCount } = (await ask(LIST, variables)).orders;
  expect(totalCount).toBe(nodes.length);
  return nodes.map((node: { number: number }) => node.number);
}

describe('orders', () => {
  it.each([
    ['a search of nine words', { query: 'a b c d e f g h i' }],
    ['a search with NUL', { query: 'a\u0000' }],
    ['the year 0', { where: { createdAt: { from: '0000-01-01T00:00:00Z' } } }],
    [
      'a cursor of another sort',
      { sortKey: 'TOTAL', after: Buffer.from('["NUMBER",1,"ord_1"]').toString('base64url') },
    ],
    [
      'a cursor with an invalid total',
      { sortKey: 'TOTAL', after: Buffer.from('["TOTAL","x","i"]').toString('base64url') },
    ],
    [
      'a cursor with a number too large',
      { sortKey: 'NUMBER', after: Buffer.from('["NUMBER",3e9,"i"]').toString('base64url') },
    ],
  ] as [string, Record<string, unknown>][])('refuses %s', async (_what, variables) => {
    const { errors } = await subgraph.ask(member(store), LIST, variables);
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  it.each<[string, object, number[]]>([
    ['status', { statuses: ['CONFIRMED'] }, [1001, 1002, 1003]],
    ['several', { statuses: ['FULFILLED', 'CANCELED', 'FULFILLED'] }, [1004]],
    ['no status', { statuses: [] }, []],
    ['financial status', { financialStatuses: ['REFUNDED'] }, []],
    ['fulfillment status', { fulfillmentStatuses: ['FULFILLED'] }, [1004]],
    ['number', { number: 1003 }, [1003]],
    ['an unknown number', { number: 99 }, []],
    ['both at once', { number: 1003, statuses: ['CANCELED'] }, []],
    ['another store’s customer', { customerId: 'cust_none' }, []],
    ['a time in the future', { createdAt: { from: '2999-01-01T00:00:00Z' } }, []],
    ['a time in the past', { updatedAt: { to: '2020-01-01T00:00:00Z' } }, []],
  ])('are filtered by %s', async (_what, where, expected) => {
    expect(await numbers({ where })).toEqual(expected);
  });

  it('have confirmedAt and canceledAt from their history', async () => {
    const TIMES = `{ orders { nodes { confirmedAt canceledAt history { kind to createdAt } } }
      tries: orders(where: { unconfirmed: true }) { nodes { confirmedAt canceledAt history { kind to createdAt } } } }`;
    const { orders, tries } = await ask(TIMES);
    const nodes = [...orders.nodes, ...tries.nodes];
    type Change = { kind: string; to: string; createdAt: string };
    const at = (history: Change[], status: string) =>
      history.find(({ kind, to }) => kind === 'STATUS' && to === status)?.createdAt ?? null;
    expect(nodes).toHaveLength(5);
    for (const { confirmedAt, canceledAt, history } of nodes) {
      expect([confirmedAt, canceledAt]).toEqual([at(history, 'CONFIRMED'), at(history, 'CANCELED')]);
    }
    expect(nodes.map((node: { confirmedAt: string | null }) => node.confirmedAt === null)).toEqual([
      ...Array(4).fill(false),
      true,
    ]);
  });

  it('are filtered by customer and by time range, start inclusive, end exclusive', async () => {
    const [first, third, fourth] = [await order(1001), await order(1003), await order(1004)];
    expect(await numbers({ where: { customerId: first.customer.id } })).toEqual([1001, 1004]);
    const createdAt = { from: third.createdAt, to: fourth.createdAt };
    expect(await numbers({ where: { createdAt } })).toEqual([1003]);
  });

  it('are filtered by flagged payments; another store’s flags have no effect', async () => {
    const other = freshTenantId();
    const flagged = await makeOrder(subgraph, customer(other));
    await asOwner(subgraph.ownerUrl, other, `UPDATE payments SET flag = 'Look.' WHERE order_id = '${flagged.id}'`);
    await makeOrder(subgraph, customer(other));
    const found = async (paymentFlagged: boolean, caller: Caller) =>
      (await ask(LIST, { where: { paymentFlagged } }, caller)).orders.nodes.map(
        ({ number }: { number: number }) => number,
      );
    expect(await found(true, member(other))).toEqual([1001]);
    expect(await found(false, member(other))).toEqual([1002]);
    expect(await found(true, member(store))).toEqual([]);
    expect(await found(false, member(store))).toEqual([1001, 1002, 1003, 1004]);
  });

  it.each<[string, number[]]>([
    ['1002', [1002]],
    ['#1002', [1002]],
    ['ADA@example.com', [1001, 1004]],
    ['ada', [1001, 1003, 1004]],
    ['bob@example.com', [1002]],
    ['1005', []],
    ['grace hopp', [1003]],
    ['hopper grace.h', [1003]],
    ['pvar_jpy', [1002]],
    ['name prod_1', [1001]],
    ['100%', [1002]],
    ['_ok', [1002]],
    ['%', []],
    ['_', [1002]],
    ["'; DROP TABLE orders; --", []],
    ['\\', []],
    ['hopper nobody', []],
    [' ', [1001, 1002, 1003, 1004]],
  ])('search for %j finds %j', async (query, expected) => {
    expect(await numbers({ query })).toEqual(expected);
  });

  it('that were never confirmed have no number, and are in a list only when it asks for them', async () => {
    const other = freshTenantId();
    await orderCreate(subgraph, customer(other), orderInput({ paymentToken: 'tok_declined' }));
    const listed = async (where: object, query?: string) => (await ask(LIST, { where, query }, member(other))).orders;
    expect(await listed({})).toMatchObject({ nodes: [], totalCount: 0 });
    expect((await listed({ statuses: ['PENDING', 'CANCELED'] }, 'ada')).nodes).toEqual([]);
    expect((await listed({ unconfirmed: true }, 'ada@example.com')).nodes).toEqual([{ number: null }]);
    const mine = '{ myOrders { nodes { id } totalCount } }';
    expect((await ask(mine, {}, customer(other))).myOrders).toEqual({ nodes: [], totalCount: 0 });
    expect((await makeOrder(subgraph, customer(other))).number).toBe(1001);
    expect((await listed({ unconfirmed: null })).nodes).toEqual([{ number: 1001 }]);
  });

  it('of a store with a prefix have it in their name, and are found by it and its prefixes', async () => {
    const other = freshTenantId();
    const order = { url: subgraph.url, name: 'order' } as const;
    await publishSettings(order, other, { orderPrefix: 'NK-' }, 2);
    await makeOrder(subgraph, customer(other));
    const { id } = await makeOrder(subgraph, customer(other));
    await publishSettings(order, other, { orderPrefix: 'PU/' }, 3);
    await makeOrder(subgraph, customer(other));
    const found = async (query: string) => {
      const { orders } = await ask(NAMES, { query }, member(other));
      return orders.nodes.map(({ name }: { name: string }) => name);
    };
    expect(await found('')).toEqual(['NK-1001', 'NK-1002', 'PU/1003']);
    for (const query of ['nk-1002', 'NK-1002', '1002', '#1002']) expect(await found(query)).toEqual(['NK-1002']);
    expect(await found('NK-')).toEqual(['NK-1001', 'NK-1002']);
    expect(await found('pu/1003')).toEqual(['PU/1003']);
    const renew = `mutation ($id: ID!) { orderUpdate(id: $id, input: { email: "new@example.com", expectedVersion: 2 }) {
      userErrors { code } } }`;
    expect((await ask(renew, { id }, member(other))).orderUpdate.userErrors).toEqual([]);
    expect(await found('nk-1002 new@')).toEqual(['NK-1002']);
  });

  it.each<[string, number[]]>([
    ['CREATED_AT', [1001, 1002, 1003, 1004]],
    ['NUMBER', [1001, 1002, 1003, 1004]],
    ['TOTAL', [1002, 1003, 1001, 1004]],
  ])('by %s are paginated from either end, forwards and backwards', async (sortKey, ascending) => {
    for (const reverse of [false, true]) {
      const expected = reverse ? [...ascending].reverse() : ascending;
      const forwards: number[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const { nodes, pageInfo }: Page = (await ask(LIST, { sortKey, reverse, first: 2, after })).orders;
        forwards.push(...nodes.map(({ number }) => number));
        [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
      }
      expect(forwards).toEqual(expected);
      const backwards: number[] = [];
      for (let before: string | null = null, more = true; more; ) {
        const { nodes, pageInfo }: Page = (await ask(LIST, { sortKey, reverse, last: 2, before })).orders;
        backwards.unshift(...nodes.map(({ number }) => number));
        [before, more] = [pageInfo.startCursor, pageInfo.hasPreviousPage];
      }
      expect(backwards).toEqual(expected);
    }
  });

  it('by UPDATED_AT begin with the last changed one', async () => {
    const { id } = await order(1001);
    const { version } = (await ask(`{ order(id: "${id}") { version } }`)).order;
    const update = `mutation { orderUpdate(id: "${id}", input: { email: "lovelace@example.com", expectedVersion: ${version} }) { userErrors { code } } }`;
    expect((await ask(update)).orderUpdate.userErrors).toEqual([]);
    expect((await numbers({ sortKey: 'UPDATED_AT', reverse: true }))[0]).toBe(1001);
    expect(await numbers({ query: 'lovelace' })).toEqual([1001]);
    expect(await numbers({ query: 'ada@example.com' })).toEqual([1004]);
  });
});

describe('a product’s sales', () => {
  const SALES = `query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on Product { id sales { units revenue { amount currencyCode } } } } }`;
  const ids = (...names: string[]) => ({ ids: names.map((id) => ({ __typename: 'Product', id })) });

  it('are null for callers who may not see orders, and empty for another store’s product', async () => {
    for (const caller of [customer(store, 'user_ada'), visitor(store)]) {
      expect((await ask(SALES, ids('prod_1'), caller))._entities).toEqual([{ id: 'prod_1', sales: null }]);
    }
    const elsewhere = admin(freshTenantId());
    expect((await ask(SALES, ids('prod_1'), elsewhere))._entities[0].sales).toEqual({ units: 0, revenue: [] });
  });

  it('are counted per currency, without canceled orders', async () => {
    expect((await ask(SALES, ids('prod_3', 'prod_JPY', 'prod_none')))._entities).toEqual([
      { id: 'prod_3', sales: { units: 4, revenue: [{ amount: '600.00', currencyCode: 'USD' }] } },
      { id: 'prod_JPY', sales: { units: 3, revenue: [{ amount: '450', currencyCode: 'JPY' }] } },
      { id: 'prod_none', sales: { units: 0, revenue: [] } },
    ]);
  });
});

it('hundreds of concurrent orders get unique numbers without gaps, per store', async () => {
  const stores = [freshTenantId(), freshTenantId()];
  for (const tenantId of stores) await openCheckout(subgraph.ownerUrl, tenantId);
  const create = 'mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { number } } }';
  for (let wave = 0; wave < 5; wave += 1) {
    const placed = Array.from({ length: 60 }, (_, n) =>
      subgraph.ask(customer(stores[n % 6 ? 0 : 1] ?? ''), create, { input: orderInput() }),
    );
    // On a busy machine some requests time out.
    await Promise.allSettled(placed);
  }
  for (const tenantId of stores) {
    const rows = await asOwner<{ number: number }>(
      subgraph.ownerUrl,
      tenantId,
      'SELECT number FROM orders WHERE number IS NOT NULL ORDER BY 1',
    );
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => 1001 + index));
  }
}, 60_000);
