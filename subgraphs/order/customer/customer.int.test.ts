import { admin, customer, freshTenantId, member, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { finishedSagas, orderCreate, orderInput, shippingAddress } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let subgraph: OrderSubgraphUnderTest;
let store: string;

beforeAll(async () => {
  subgraph = await startTestSubgraph();
});
afterAll(() => subgraph?.close());
beforeEach(() => {
  store = freshTenantId();
});

async function ask(query: string, variables: Record<string, unknown> = {}, caller = member(store)) {
  const { data, errors } = await subgraph.ask(caller, query, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function place(who: string | null, email: string, variantId = 'pvar_1', tenantId = store): Promise<string> {
  const caller = who ? customer(tenantId, `user_${who}`) : visitor(tenantId);
  const name = `${who ?? 'Guest'} Lovelace`;
  const input = orderInput({
    email,
    lines: [{ variantId, quantity: 1 }],
    shippingAddress: { ...shippingAddress, name },
    billingAddress: { ...shippingAddress, name: `${name} Ltd`, vatId: 'GB123456789' },
    buyerNote: `For ${name}, to be called at ${email}`,
    attributes: [{ key: 'engraving', value: `${name} (${email})` }],
  });
  return (await orderCreate(subgraph, caller, input)).order.id;
}

const CUSTOMERS = `query ($query: String) { customers(query: $query, reverse: false) { totalCount nodes {
  id userId email name ordersCount totalSpent { amount currencyCode } orders { totalCount nodes { id customer { id } } } } } }`;
const customers = async (query?: string) => (await ask(CUSTOMERS, { query })).customers.nodes;
const ERASE = `mutation ($id: ID!) { customerErase(id: $id) { customer { id userId email name erasedAt ordersCount } userErrors { field code } } }`;
const erase = async (id: string, caller = admin(store)) => (await ask(ERASE, { id }, caller)).customerErase;
const fulfill = (id: string) => ask(`mutation { orderFulfill(id: "${id}") { userErrors { code } } }`);

describe('customers', () => {
  it('are hidden from customers, visitors, and staff of another store', async () => {
    await place('ada', 'ada@example.com');
    const [{ id }] = await customers();
    for (const caller of [customer(store, 'user_ada'), visitor(store)]) {
      for (const query of ['{ customers { nodes { id } } }', `{ customer(id: "${id}") { id } }`]) {
        const { errors } = await subgraph.ask(caller, query);
        expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
      }
    }
    const elsewhere = admin(freshTenantId());
    expect((await ask(CUSTOMERS, {}, elsewhere)).customers).toEqual({ totalCount: 0, nodes: [] });
    expect((await ask(`{ customer(id: "${id}") { id } }`, {}, elsewhere)).customer).toBeNull();
    const own = await ask('{ myOrders { nodes { customer { id } } } }', {}, customer(store, 'user_ada'));
    expect(own.myOrders.nodes).toEqual([{ customer: null }]);
  });

  it('are one per account, whatever its e-mail addresses, and one per e-mail address of guests; never the same for both', async () => {
    await place('ada', 'ada@example.com');
    await place('ada', 'lovelace@example.com', 'pvar_JPY');
    await place(null, 'Ada@example.com');
    await place(null, 'ada@EXAMPLE.com', 'pvar_2');
    const [ada, guest] = await customers();
    expect(ada).toMatchObject({
      userId: 'user_ada',
      email: 'lovelace@example.com',
      ordersCount: 2,
      totalSpent: [
        { amount: '150', currencyCode: 'JPY' },
        { amount: '150.00', currencyCode: 'USD' },
      ],
      orders: { totalCount: 2 },
    });
    expect(guest).toMatchObject({
      userId: null,
      name: 'Guest Lovelace',
      ordersCount: 2,
      totalSpent: [{ amount: '300.00', currencyCode: 'USD' }],
    });
    expect(guest.orders.nodes.map((order: { customer: { id: string } }) => order.customer.id)).toEqual([
      guest.id,
      guest.id,
    ]);
  });

  it('are not created by a refused order, and have spent nothing by a canceled one', async () => {
    const { order } = await orderCreate(
      subgraph,
      visitor(store),
      orderInput({ lines: [{ variantId: 'pvar_none', quantity: 1 }] }),
    );
    expect([order, await customers()]).toEqual([null, []]);
    const id = await place('ada', 'ada@example.com');
    await ask(`mutation { orderCancel(id: "${id}", input: { reason: "x" }) { userErrors { code } } }`);
    expect(await customers()).toMatchObject([{ ordersCount: 0, totalSpent: [], orders: { totalCount: 1 } }]);
  });

  it('have one row for concurrent orders of one guest', async () => {
    await Promise.all(Array.from({ length: 8 }, () => place(null, 'ada@example.com')));
    await finishedSagas(subgraph.ownerUrl, store);
    expect(await customers()).toMatchObject([{ ordersCount: 8 }]);
  });

  it('are found by prefixes of words of their name and e-mail address', async () => {
    await place('ada', 'ada@example.com');
    await place('bob', 'bob@example.com');
    for (const [query, found] of [
      ['LOVE ada', 1],
      ['example.com', 2],
      ['bob@', 1],
      ['%', 0],
      ['velace', 0],
    ] as const) {
      expect([query, (await customers(query)).length]).toEqual([query, found]);
    }
  });
});

describe('customerErase', () => {
  it('requires an admin of the store; another store’s customer is answered like one that does not exist', async () => {
    const victim = freshTenantId('victim');
    await fulfillIn(victim, await place('ada', 'ada@example.com', 'pvar_1', victim));
    const [{ id }] = (await ask(CUSTOMERS, {}, admin(victim))).customers.nodes;
    await finishedSagas(subgraph.ownerUrl, victim);
    const before = await checksumOfTenant(subgraph.ownerUrl, victim);
    for (const caller of [member(victim), customer(victim, 'user_ada'), visitor(victim)]) {
      const { errors } = await subgraph.ask(caller, ERASE, { id });
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
    const expected = { customer: null, userErrors: [{ field: ['id'], code: 'NOT_FOUND' }] };
    expect(await erase(id)).toEqual(expected);
    expect(await erase('cust_none')).toEqual(expected);
    expect(await checksumOfTenant(subgraph.ownerUrl, victim)).toEqual(before);
  });

  const fulfillIn = (tenantId: string, id: string) =>
    ask(`mutation { orderFulfill(id: "${id}") { userErrors { code } } }`, {}, member(tenantId));

  it('is refused while an order is in progress', async () => {
    await place('ada', 'ada@example.com');
    const [{ id }] = await customers();
    expect(await erase(id)).toEqual({ customer: null, userErrors: [{ field: ['id'], code: 'INVALID_TRANSITION' }] });
  });

  it.each([['someone who signed in', 'ada'] as const, ['a guest', null] as const])(
    'erases all data of %s, and keeps items and amounts of the orders',
    async (_who, who) => {
      const secret = 'unmistakable@person.example';
      const order = await place(who, secret);
      await fulfill(order);
      await orderCreate(
        subgraph,
        who ? customer(store, `user_${who}`) : visitor(store),
        orderInput({ email: secret, lines: [{ variantId: 'pvar_none', quantity: 1 }] }),
      );
      await place('bob', 'bob@example.com');
      await finishedSagas(subgraph.ownerUrl, store);
      const card = {
        amount: { amount: '5', currencyCode: 'USD' },
        recipientEmail: secret,
        idempotencyKey: `card for ${store}`,
      };
      await ask(
        'mutation ($input: GiftCardCreateInput!) { giftCardCreate(input: $input) { code } }',
        { input: card },
        admin(store),
      );
      const [{ id }] = await customers('unmistakable');
      const { customer: erased, userErrors } = await erase(id);
      expect(userErrors).toEqual([]);
      expect(erased).toEqual({
        id,
        userId: null,
        email: null,
        name: null,
        erasedAt: expect.any(String),
        ordersCount: 1,
      });
      expect((await erase(id)).customer.erasedAt).toBe(erased.erasedAt);

      const tables = await asOwner<{ name: string }>(
        subgraph.ownerUrl,
        store,
        `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'`,
      );
      for (const { name } of tables) {
        const rows = await asOwner<{ row: string }>(subgraph.ownerUrl, store, `SELECT t::text AS row FROM "${name}" t`);
        const text = rows.map(({ row }) => row).join('\n');
        expect([name, text]).toEqual([
          name,
          expect.not.stringMatching(/unmistakable|user_ada|guest lovelace|ada lovelace/i),
        ]);
      }
      const kept = await ask(
        `{ order(id: "${order}") { email buyerNote attributes { key } shippingAddress { name countryCode } billingAddress { name countryCode vatId } total { amount } items { productName } } }`,
      );
      expect(kept.order).toEqual({
        email: 'erased@erased.invalid',
        buyerNote: null,
        attributes: [],
        shippingAddress: { name: 'Erased', countryCode: 'US' },
        billingAddress: { name: 'Erased', countryCode: 'US', vatId: null },
        total: { amount: '150.00' },
        items: [{ productName: 'Name of prod_1' }],
      });
      expect(await customers('bob')).toHaveLength(1);
      if (who)
        expect((await ask('{ myOrders { totalCount } }', {}, customer(store, 'user_ada'))).myOrders.totalCount).toBe(0);
    },
  );

  it('erases their payment tokens and open carts', async () => {
    const input = orderInput({ email: 'ada@example.com', paymentToken: 'tok_of_ada' });
    const { order } = await orderCreate(subgraph, customer(store, 'user_ada'), input);
    await finishedSagas(subgraph.ownerUrl, store);
    const create = 'mutation { cartCreate(input: {}) { cart { id } } }';
    await ask(create, {}, customer(store, 'user_ada'));
    await ask(create, {}, customer(store, 'user_eve'));
    await fulfill(order.id);
    const [{ id }] = await customers();
    expect((await erase(id)).userErrors).toEqual([]);
    const kept = `SELECT (SELECT count(*)::int FROM payments WHERE token IS NOT NULL) AS payments,
      (SELECT count(*)::int FROM order_sagas WHERE payment_token IS NOT NULL) AS sagas,
      (SELECT array_agg(customer_id) FROM carts) AS carts`;
    expect(await asOwner(subgraph.ownerUrl, store, kept)).toEqual([{ payments: 0, sagas: 0, carts: ['user_eve'] }]);
  });

  it('makes a new customer of someone who buys again', async () => {
    await fulfill(await place('ada', 'ada@example.com'));
    const [{ id }] = await customers();
    await erase(id);
    await place('ada', 'ada@example.com');
    const [, again] = await customers();
    expect(again).toMatchObject({ userId: 'user_ada', ordersCount: 1 });
    expect(again.id).not.toBe(id);
  });
});
