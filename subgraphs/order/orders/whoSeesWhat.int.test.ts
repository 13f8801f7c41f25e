import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, member, service, visitor } from '../../shared/test/askSubgraph';
import { orderInput } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { openCheckout } from '../test/testMethod';

interface Placed {
  id: string;
  number: number;
  email: string;
  token: string;
}

let subgraph: OrderSubgraphUnderTest;
let store: string;
let adas: Placed;
let guests: Placed;
let adaAsCustomer: string;

beforeAll(async () => {
  subgraph = await startTestSubgraph();
  store = freshTenantId();
  adas = await place(customer(store, 'user_ada'), 'ada@example.com');
  guests = await place(visitor(store), 'Guest@example.com');
  const note = `mutation { orderNoteAdd(id: "${adas.id}", input: { text: "x" }) { userErrors { code } } }`;
  await subgraph.ask(member(store), note);
  const { data } = await subgraph.ask(member(store), '{ customers(query: "ada@") { nodes { id } } }');
  adaAsCustomer = data.customers.nodes[0].id;
});
afterAll(() => subgraph?.close());

const CREATE = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { accessToken order { id number } userErrors { code } } }`;

async function place(caller: Caller, email: string): Promise<Placed> {
  const input = orderInput({ email });
  await openCheckout(subgraph.ownerUrl, caller.tenantId ?? '');
  const { data } = await subgraph.ask(caller, CREATE, { input });
  const { order, accessToken: token } = data.orderCreate;
  const again = await subgraph.ask(caller, CREATE, { input });
  expect(again.data.orderCreate.accessToken).toBe(token);
  return { ...order, email, token };
}

const CALLERS = {
  admin: () => admin(store),
  member: () => member(store),
  'member without permissions': () => ({ ...member(store), permissions: [] }),
  'who may manage products': () => ({ ...member(store), permissions: ['products:manage'] as const }),
  buyer: () => customer(store, 'user_ada'),
  'another customer': () => customer(store, 'user_bob'),
  visitor: () => visitor(store),
  service: () => service(store),
  'admin of another store': () => ({ ...admin(freshTenantId()), userId: 'user_ada' }),
} satisfies Record<string, () => Caller>;

/** Each query that can reach Ada's order. An answer with her order's id, or with `SEEN`, has reached it. */
const PATHS = {
  'order by id': () => `{ order(id: "${adas.id}") { id } }`,
  'order by number': () => `{ order(number: ${adas.number}) { id email } }`,
  'order as an entity': () =>
    `{ _entities(representations: [{ __typename: "Order", id: "${adas.id}" }]) { ... on Order { id email } } }`,
  'the list of orders': () => '{ orders { nodes { id } } }',
  'a search': () => '{ orders(query: "ada") { nodes { id } } }',
  'their own orders': () => '{ myOrders { nodes { id } } }',
  'the store’s orders': () =>
    `{ _entities(representations: [{ __typename: "Tenant", id: "${store}" }]) { ... on Tenant { orders { nodes { id } } } } }`,
  'the customer’s orders': () => `{ customer(id: "${adaAsCustomer}") { orders { nodes { id } } } }`,
  'the list of customers': () => '{ customers { nodes { orders { nodes { id } } } } }',
  'who acted': () => `{ order(id: "${adas.id}") { SEEN: history { actorId } } }`,
  'the notes': () => `{ order(id: "${adas.id}") { SEEN: notes { text } } }`,
  'who bought it': () => `{ order(id: "${adas.id}") { SEEN: customer { email } } }`,
  'a product’s sales': () =>
    `{ _entities(representations: [{ __typename: "Product", id: "prod_1" }]) { ... on Product { SEEN: sales { revenue { amount } } } } }`,
} satisfies Record<string, () => string>;

const STAFF = ['admin', 'member', 'service'] as const;
const OWN = [...STAFF, 'buyer'] as const;
const SEES: Record<keyof typeof PATHS, readonly (keyof typeof CALLERS)[]> = {
  'order by id': OWN,
  'order by number': OWN,
  'order as an entity': OWN,
  'the list of orders': STAFF,
  'a search': STAFF,
  'their own orders': ['buyer'],
  'the store’s orders': STAFF,
  'the customer’s orders': STAFF,
  'the list of customers': STAFF,
  'who acted': STAFF,
  'the notes': STAFF,
  'who bought it': STAFF,
  'a product’s sales': STAFF,
};

/** Whether an answer has the order's id, or a value for SEEN. */
function isSeen(data: unknown): boolean {
  const text = JSON.stringify(data ?? null);
  if (text.includes(adas.id)) return true;
  return /"SEEN":(?!null|\[\])/.test(text) && /user_|"text":"x"|ada@example|"amount":"/.test(text);
}

describe.each(Object.keys(PATHS) as (keyof typeof PATHS)[])('a customer’s order by %s', (path) => {
  it.each(Object.keys(CALLERS) as (keyof typeof CALLERS)[])('for %s', async (name) => {
    const { data } = await subgraph.ask(CALLERS[name](), PATHS[path]());
    expect([name, isSeen(data)]).toEqual([name, (SEES[path] as readonly string[]).includes(name)]);
  });
});

describe('guestOrder', () => {
  const ask = (caller: Caller, args: string) =>
    subgraph.ask(caller, `{ guestOrder(${args}) { id email notes { text } } }`);
  const byToken = (token: string) => `accessToken: "${token}"`;
  const byNumber = ({ number, email }: Placed) => `number: ${number}, email: "${email}"`;

  it.each<[string, () => string]>([
    ['nothing', () => 'accessToken: null'],
    ['a number alone', () => `number: ${guests.number}`],
    ['an e-mail address alone', () => 'email: "guest@example.com"'],
    ['a token and a number', () => `${byToken(guests.token)}, ${byNumber(guests)}`],
  ])('refuses %s', async (_what, args) => {
    expect((await ask(visitor(store), args())).errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  it('refuses a second look-up in one request', async () => {
    const query = `{ a: guestOrder(${byNumber(guests)}) { id } b: guestOrder(${byNumber({ ...guests, number: 1 })}) { id } }`;
    const { data, errors } = await subgraph.ask(visitor(store), query);
    expect([data.b, errors?.[0]?.extensions?.code]).toEqual([null, 'BAD_USER_INPUT']);
  });

  it.each<[string, () => [Caller, string]]>([
    ['another number', () => [visitor(store), byNumber({ ...guests, number: 99 })]],
    ['another e-mail address', () => [visitor(store), byNumber({ ...guests, email: 'ada@example.com' })]],
    ['an account’s order', () => [visitor(store), byNumber(adas)]],
    ['another store', () => [visitor(freshTenantId()), byNumber(guests)]],
    ['a token in another store', () => [visitor(freshTenantId()), byToken(guests.token)]],
    ['a forged token', () => [visitor(store), byToken(`${guests.id}.${'A'.repeat(43)}`)]],
    ['another order’s token', () => [visitor(store), byToken(guests.token.replace(guests.id, adas.id))]],
    ['an id as a token', () => [visitor(store), byToken(guests.id)]],
  ])('answers null to %s, always the same', async (_what, of) => {
    const [caller, args] = of();
    const { data, errors } = await ask(caller, args);
    expect([data, errors]).toEqual([{ guestOrder: null }, undefined]);
  });

  it('is THROTTLED after ten wrong look-ups of one address, in however many requests; a right one elsewhere is answered', async () => {
    const shop = freshTenantId();
    const placed = await place(visitor(shop), 'guest@example.com');
    const from = (clientAddress: string) => ({ ...visitor(shop), clientAddress });
    const numbers = Array.from({ length: 30 }, (_, n) => ({ ...placed, number: placed.number + 1 + n }));
    const tries = await Promise.all(numbers.map((wrong) => ask(from('203.0.113.7'), byNumber(wrong))));
    const refused = tries.flatMap(({ errors = [] }) => errors);
    expect(refused).toHaveLength(20);
    for (const { extensions } of refused) {
      expect(extensions).toEqual({ code: 'THROTTLED', retryAfter: expect.any(Number) });
    }
    expect((await ask(from('203.0.113.7'), byNumber(placed))).errors?.[0]?.extensions?.code).toBe('THROTTLED');
    expect((await ask(from('203.0.113.8'), byNumber(placed))).data.guestOrder.id).toBe(placed.id);
    expect((await ask(from('203.0.113.7'), byToken(placed.token))).data.guestOrder.id).toBe(placed.id);
  });

  it('shows the order by its token, or a guest’s by number and e-mail address; its notes to nobody', async () => {
    const seen = { id: guests.id, email: 'Guest@example.com', notes: null };
    expect((await ask(visitor(store), byToken(guests.token))).data.guestOrder).toEqual(seen);
    expect(
      (await ask(customer(store, 'user_bob'), byNumber({ ...guests, email: ' gUEST@example.com' }))).data.guestOrder,
    ).toEqual(seen);
    expect((await ask(visitor(store), byToken(adas.token))).data.guestOrder).toMatchObject({
      id: adas.id,
      notes: null,
    });
  });

  it('is not possible for a refused order, which has no token', async () => {
    const input = orderInput({ lines: [{ variantId: 'pvar_none', quantity: 1 }] });
    const { data } = await subgraph.ask(visitor(store), CREATE, { input });
    expect(data.orderCreate).toMatchObject({ accessToken: null, order: null });
  });
});
