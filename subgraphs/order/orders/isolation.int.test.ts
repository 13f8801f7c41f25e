import { CALLER_HEADERS, type Caller, signCaller } from '../../shared/caller';
import { runInScope } from '../../shared/scope';
import {
  admin,
  customer,
  freshTenantId,
  member,
  refusalOf,
  SIGNING_KEY,
  service,
  visitor,
} from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { openOrderDatabase } from '../database';
import { Prisma } from '../generated/prisma/client';
import { finishedSagas, makeOrder, orderCreate, orderInput, sagasOf } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
let attacker: string;
let victim: string;
/** The victim's third order. The attacker has one order, so this number is foreign, too. */
let theirs: { id: string; number: number };
let own: { id: string; number: number };

beforeAll(async () => {
  order = await startTestSubgraph();
  attacker = freshTenantId('attacker');
  victim = freshTenantId('victim');
  for (let n = 0; n < 3; n += 1) theirs = await makeOrder(order, customer(victim));
  own = await makeOrder(order, customer(attacker));
  for (const tenantId of [attacker, victim]) await finishedSagas(order.ownerUrl, tenantId);
});
afterAll(() => order?.close());

const CALLERS: [string, (tenantId: string) => Caller][] = [
  ['admin', admin],
  ['member', member],
  ['customer', customer],
  ['visitor', visitor],
  ['service', service],
];

const LOOK_UP = `query ($id: ID!, $number: Int!, $refs: [_Any!]!) {
  byId: order(id: $id) { number email } byNumber: order(number: $number) { id email }
  _entities(representations: $refs) { ... on Order { number email items { productId } history { to } } ... on Tenant { orders { totalCount } } }
}`;
const lookUp = (id: string, number: number, tenantId: string) => ({
  id,
  number,
  refs: [
    { __typename: 'Order', id },
    { __typename: 'Order', id, tenantId: victim },
    { __typename: 'Tenant', id: tenantId },
  ],
});
const NOTHING = { byId: null, byNumber: null, _entities: [null, null, null] };

describe.each(CALLERS)('as %s of another store', (_role, caller) => {
  it('every query with a foreign id or number answers like one with a random value', async () => {
    const foreign = await order.ask(caller(attacker), LOOK_UP, lookUp(theirs.id, theirs.number, victim));
    const random = await order.ask(caller(attacker), LOOK_UP, lookUp('ord_none', 9999, 'org_none'));
    expect(foreign).toEqual(random);
    expect([foreign.data, foreign.errors]).toEqual([NOTHING, undefined]);
  });

  it('a list of references resolves the store’s own at their positions, and null for foreign ones', async () => {
    const refs = [theirs.id, own.id, 'ord_none', own.id].map((id) => ({ __typename: 'Order', id }));
    const query = 'query ($refs: [_Any!]!) { _entities(representations: $refs) { ... on Order { id } } }';
    const { data } = await order.ask(caller(attacker), query, { refs });
    const mine = caller === visitor ? null : { id: own.id };
    expect(data._entities).toEqual([null, mine, null, mine]);
  });
});

describe('as staff of another store', () => {
  it.each([
    ['admin', admin],
    ['member', member],
    ['service', service],
  ])('every list that the %s queries has the store’s own rows only', async (_role, caller) => {
    const query = `query ($refs: [_Any!]!) {
      orders(first: 100, where: { statuses: [PENDING, CONFIRMED, FULFILLED, CANCELED] }) { totalCount nodes { id tenant { id } } }
      _entities(representations: $refs) { ... on Tenant { orders(first: 100) { totalCount nodes { id } } } }
    }`;
    const { data } = await order.ask(caller(attacker), query, { refs: [{ __typename: 'Tenant', id: attacker }] });
    expect(data).toEqual({
      orders: { totalCount: 1, nodes: [{ id: own.id, tenant: { id: attacker } }] },
      _entities: [{ orders: { totalCount: 1, nodes: [{ id: own.id }] } }],
    });
  });

  it('a cursor of another store’s list returns the store’s own rows only', async () => {
    const query = 'query ($after: String) { orders(after: $after) { nodes { id } pageInfo { endCursor } } }';
    const { data: foreign } = await order.ask(admin(victim), `{ orders(first: 1) { pageInfo { endCursor } } }`);
    const { data } = await order.ask(admin(attacker), query, { after: foreign.orders.pageInfo.endCursor });
    expect(JSON.stringify(data)).not.toContain(theirs.id);
  });

  it.each(['orderFulfill(id: $id)', 'orderCancel(id: $id, input: { reason: "x" })'])(
    '%s with a foreign id answers NOT_FOUND as with a random one, and changes nothing of theirs',
    async (mutation) => {
      const before = await checksumOfTenant(order.ownerUrl, victim);
      const query = `mutation ($id: ID!) { result: ${mutation} { order { id } userErrors { field code message } } }`;
      const foreign = await order.ask(admin(attacker), query, { id: theirs.id });
      expect(foreign).toEqual(await order.ask(admin(attacker), query, { id: 'ord_none' }));
      expect(foreign.data.result).toMatchObject({ order: null, userErrors: [{ field: ['id'], code: 'NOT_FOUND' }] });
      expect(await checksumOfTenant(order.ownerUrl, victim)).toEqual(before);
    },
  );

  it('an idempotency key that the same user has used in another store is free', async () => {
    const input = orderInput();
    const first = await orderCreate(order, customer(victim), input);
    await finishedSagas(order.ownerUrl, victim);
    const before = await checksumOfTenant(order.ownerUrl, victim);
    const second = await orderCreate(order, customer(attacker), { ...input, email: 'eve@example.com' });
    expect([first.order.status, second.order.status, second.userErrors]).toEqual(['CONFIRMED', 'CONFIRMED', []]);
    expect(second.order.id).not.toBe(first.order.id);
    expect(await checksumOfTenant(order.ownerUrl, victim)).toEqual(before);
  });
});

describe('within one store', () => {
  let store: string;
  let adas: { id: string; number: number };
  let bobs: { id: string; number: number };
  let guests: { id: string; number: number };
  const ada = () => customer(store, 'user_ada');
  const bob = () => customer(store, 'user_bob');

  beforeAll(async () => {
    store = freshTenantId();
    adas = await makeOrder(order, ada());
    bobs = await makeOrder(order, bob());
    guests = await makeOrder(order, visitor(store));
  });

  it.each<[string, () => Caller, () => { id: string; number: number }]>([
    ['customer sees nothing of another customer’s order', ada, () => bobs],
    ['customer sees nothing of a guest’s order', ada, () => guests],
    ['visitor sees nothing of a customer’s order', () => visitor(store), () => adas],
    ['visitor sees nothing of another guest’s order', () => visitor(store), () => guests],
  ])('a %s, by whatever path', async (_who, caller, whose) => {
    const { id, number } = whose();
    const foreign = await order.ask(caller(), LOOK_UP, lookUp(id, number, victim));
    expect([foreign.data, foreign.errors]).toEqual([NOTHING, undefined]);
  });

  it('myOrders has the customer’s own orders, and orders all of them for staff only', async () => {
    const mine = '{ myOrders { totalCount nodes { id history { actorId } } } }';
    const all = '{ orders { totalCount } }';
    const { data } = await order.ask(ada(), mine);
    expect(data.myOrders).toMatchObject({ totalCount: 1, nodes: [{ id: adas.id }] });
    expect(JSON.stringify(data)).not.toContain('user_');
    expect((await order.ask(member(store), all)).data.orders.totalCount).toBe(3);
    for (const [caller, query] of [
      [ada(), all],
      [visitor(store), all],
      [visitor(store), mine],
      [service(store), mine],
    ] as const) {
      const { data, errors } = await order.ask(caller, query);
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
      expect(JSON.stringify(data ?? null)).not.toMatch(/ord_|totalCount/);
    }
  });

  it('a store’s orders through its reference are for staff: null for others', async () => {
    const query = `{ _entities(representations: [{ __typename: "Tenant", id: "${store}" }]) { ... on Tenant { orders { totalCount } } } }`;
    for (const caller of [ada(), visitor(store)]) {
      expect((await order.ask(caller, query)).data._entities).toEqual([{ orders: null }]);
    }
    expect((await order.ask(admin(store), query)).data._entities).toEqual([{ orders: { totalCount: 3 } }]);
  });

  it('customers and visitors may not fulfill or cancel, not even their own orders', async () => {
    const before = await checksumOfTenant(order.ownerUrl, store);
    for (const caller of [ada(), visitor(store)]) {
      for (const mutation of ['orderFulfill(id: $id)', 'orderCancel(id: $id, input: { reason: "x" })']) {
        const query = `mutation ($id: ID!) { ${mutation} { order { id } } }`;
        const { errors } = await order.ask(caller, query, { id: adas.id });
        expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
      }
    }
    const { order_sagas: _saga, ...rest } = before;
    expect(await checksumOfTenant(order.ownerUrl, store)).toMatchObject(rest);
  });

  it('two customers with the same idempotency key have an order each', async () => {
    const input = orderInput();
    const [first, second] = [await orderCreate(order, ada(), input), await orderCreate(order, bob(), input)];
    expect(first.order.id).not.toBe(second.order.id);
  });
});

describe('without the gateway', () => {
  const body = JSON.stringify({ query: '{ orders { nodes { id email } } }' });
  const post = async (headers: Record<string, string>, text = body) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: text };
    const response = await fetch(`${order.url}/graphql`, init);
    return { status: response.status, text: await response.text() };
  };
  const signed = (audience: 'order' | 'product' = 'order') =>
    signCaller(customer(attacker), audience, body, SIGNING_KEY);

  it.each<[string, () => Record<string, string>]>([
    ['no header', () => ({})],
    [
      'unsigned headers',
      () => ({ 'x-tenant-id': victim, 'x-user-id': 'user_1', 'x-user-role': 'ADMIN', 'x-request-id': 'r' }),
    ],
    ['another tenant in a signed envelope', () => ({ ...signed(), [CALLER_HEADERS.tenantId]: victim })],
    ['another role in a signed envelope', () => ({ ...signed(), [CALLER_HEADERS.role]: 'ADMIN' })],
    ['another user in a signed envelope', () => ({ ...signed(), [CALLER_HEADERS.userId]: 'user_ada' })],
    ['an envelope for another subgraph', () => signed('product')],
    ['an envelope of another key', () => signCaller(admin(victim), 'order', body, `${SIGNING_KEY}-not`)],
  ])('is refused with %s', async (_name, headers) => {
    const { status, text } = await post(headers());
    expect(status).toBe(401);
    expect(JSON.parse(text).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(text).not.toMatch(/ord_|ada@/);
  });

  it.each(['{ _service { sdl } }', '{ _entities(representations: []) { __typename } }', '{ __typename }'])(
    'is refused %s without an envelope',
    async (query) => {
      expect((await post({}, JSON.stringify({ query }))).status).toBe(401);
    },
  );

  it('every operation answers TENANT_REQUIRED to a caller without a store', async () => {
    for (const role of ['VISITOR', 'ADMIN', 'SERVICE'] as const) {
      const nobody: Caller = { ...admin(''), tenantId: null, userId: 'user_1', role };
      for (const query of [
        '{ orders { nodes { id } } }',
        '{ myOrders { nodes { id } } }',
        `{ order(id: "${theirs.id}") { id } }`,
        `{ _entities(representations: [{ __typename: "Order", id: "${theirs.id}" }]) { __typename } }`,
        `mutation { orderFulfill(id: "${theirs.id}") { order { id } } }`,
      ]) {
        const { data, errors } = await order.ask(nobody, query);
        expect(errors?.[0]?.extensions?.code).toBe('TENANT_REQUIRED');
        expect(JSON.stringify(data ?? null)).not.toContain('ord_');
      }
    }
  });
});

describe('the scope of saga recovery', () => {
  it('can read the unfinished sagas of all stores and no other row, and can’t write', async () => {
    const stores = [freshTenantId(), freshTenantId()];
    for (const tenantId of stores) {
      order.product.fail(tenantId, 'StockReserve', 'CUT', 'CUT', 'CUT', 'CUT');
      await orderCreate(order, customer(tenantId));
    }
    const { db, close } = await openOrderDatabase(order.appUrl, 2);
    try {
      const seen: Record<string, string[]> = {};
      for (const name of Object.values(Prisma.ModelName)) {
        // biome-ignore lint/suspicious/noExplicitAny: each model of the schema, including future ones.
        const model = (db as any)[`${name[0]?.toLowerCase()}${name.slice(1)}`];
        const rows = await runInScope<{ tenantId: string }[]>({ task: 'saga_recovery' }, () => model.findMany());
        seen[name] = rows.map(({ tenantId }) => tenantId).sort();
      }
      const { OrderSaga: sagas, ...others } = seen;
      // Other suites of this service may have left an unfinished one, too.
      expect(sagas).toEqual(expect.arrayContaining(stores));
      for (const finished of [attacker, victim]) expect(sagas).not.toContain(finished);
      expect(Object.keys(others).length).toBeGreaterThanOrEqual(5);
      expect(new Set(Object.values(others).flat())).toEqual(new Set());

      await runInScope({ task: 'saga_recovery' }, async () => {
        expect(await db.orderSaga.deleteMany({})).toEqual({ count: 0 });
        expect(await db.orderSaga.updateMany({ data: { attempts: 99 } })).toEqual({ count: 0 });
        const [tenantId = ''] = stores;
        await expect(db.orderCounter.create({ data: { tenantId, lastNumber: 1 } })).rejects.toThrow();
      });
      const after = await Promise.all(stores.map((tenantId) => sagasOf(order.ownerUrl, tenantId)));
      expect(after.flat().map(({ attempts }) => attempts < 99)).toEqual([true, true]);
    } finally {
      await close();
    }
  });
});
