import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { buy, productListing, StoreClient } from './client/storeClient';
import { type Answer, type TestStore, TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;

beforeAll(async () => {
  graph = await TestSupergraph.start();
}, 120_000);
afterAll(() => graph.stop(), 60_000);

const PRODUCT_CREATE = `mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
  product { id variants { nodes { id } } } userErrors { field code } } }`;
const ORDER_CREATE = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id number status total { amount currencyCode } items { productName quantity } } userErrors { field code message } } }`;

const address = { name: 'Ada', line1: '1 Market Street', city: 'San Francisco', countryCode: 'US' };

async function makeVariant(store: TestStore, stock: number, amount = '150.00', currencyCode = 'USD'): Promise<string> {
  const sku = `SKU-${Math.random().toString(36).slice(2)}`;
  const input = { name: `Shoe ${sku}`, status: 'ACTIVE', variants: [{ sku, price: { amount, currencyCode }, stock }] };
  const { body } = await graph.ask(store.admin, PRODUCT_CREATE, { input });
  return body.data.productCreate.product.variants.nodes[0].id;
}

let keys = 0;
function orderInput(lines: [string, number][], changes: Record<string, unknown> = {}) {
  keys += 1;
  return {
    lines: lines.map(([variantId, quantity]) => ({ variantId, quantity })),
    email: 'ada@example.com',
    shippingAddress: address,
    idempotencyKey: `key-${keys}-${Date.now()}`,
    ...changes,
  };
}

/** Asks again under the same key, as a client does, while the answer is a PENDING order, or that a part or all of it is busy. */
async function orderCreate(headers: Record<string, string>, input: object): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await graph.ask(headers, ORDER_CREATE, { input });
    const { data, errors } = answer.body;
    const { code, retryAfter = 0.25 } = errors?.[0]?.extensions ?? {};
    const isBusy = code === 'SERVICE_UNAVAILABLE' || code === 'THROTTLED';
    if (!(isBusy || data?.orderCreate.order?.status === 'PENDING') || tries === 20) return answer;
    await sleep(retryAfter * 1_000);
  }
}

const stockOf = async (store: TestStore, id: string) => {
  const query = 'query ($id: ID!) { productVariant(id: $id) { quantityAvailable quantityOnHand } }';
  const { body } = await graph.ask(store.admin, query, { id });
  return [body.data.productVariant.quantityAvailable, body.data.productVariant.quantityOnHand];
};

/** Waits until `check` gives `expected`: for what the saga does after it has answered. */
async function eventually<Value>(check: () => Promise<Value>, expected: Value): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (JSON.stringify(await check()) === JSON.stringify(expected)) return;
    await sleep(100);
  }
  expect(await check()).toEqual(expected);
}

describe('orderCreate', () => {
  it('is refused without a store', async () => {
    const { status, body } = await orderCreate({}, orderInput([['pvar_x', 1]]));
    expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    const signedIn = await orderCreate(graph.bearer(null), orderInput([['pvar_x', 1]]));
    expect(signedIn.body.errors[0].extensions.code).toBe('TENANT_REQUIRED');
  });

  it('says all that is wrong with its input, each at its place', async () => {
    const store = await graph.makeStore();
    const { body } = await orderCreate(store.visitor, {
      ...orderInput([
        ['pvar_x', 0],
        ['pvar_x', 1],
      ]),
      email: 'nobody',
      shippingAddress: { ...address, city: ' ', countryCode: 'XX' },
      idempotencyKey: 'short',
    });
    const { order, userErrors } = body.data.orderCreate;
    expect(order).toBeNull();
    expect(
      userErrors.map(({ field, code }: { field: string[]; code: string }) => `${field.join('.')} ${code}`),
    ).toEqual([
      'input.lines.0.quantity INVALID',
      'input.email INVALID',
      'input.shippingAddress.city REQUIRED',
      'input.shippingAddress.countryCode INVALID',
      'input.idempotencyKey INVALID',
      'input.lines.1.variantId INVALID',
    ]);
  });

  it('answers NOT_FOUND for another store’s variant, as for one that does not exist', async () => {
    const [mine, theirs] = [await graph.makeStore(), await graph.makeStore()];
    const foreign = await makeVariant(theirs, 5);
    const expected = {
      order: null,
      userErrors: [
        { field: ['input', 'lines', '0', 'variantId'], code: 'NOT_FOUND', message: 'No such variant on sale.' },
      ],
    };
    expect((await orderCreate(mine.admin, orderInput([[foreign, 1]]))).body.data.orderCreate).toEqual(expected);
    expect((await orderCreate(mine.admin, orderInput([['pvar_none', 1]]))).body.data.orderCreate).toEqual(expected);
    expect(await stockOf(theirs, foreign)).toEqual([5, 5]);
  });

  it('answers INSUFFICIENT_STOCK, and gives back what its other lines had taken', async () => {
    const store = await graph.makeStore();
    const [plenty, few] = [await makeVariant(store, 10), await makeVariant(store, 1)];
    const { body } = await orderCreate(
      store.customer(),
      orderInput([
        [plenty, 2],
        [few, 2],
      ]),
    );
    expect(body.data.orderCreate.userErrors).toMatchObject([
      { field: ['input', 'lines', '1', 'quantity'], code: 'INSUFFICIENT_STOCK' },
    ]);
    expect(await stockOf(store, plenty)).toEqual([10, 10]);
    expect(await stockOf(store, few)).toEqual([1, 1]);
  });

  it('refuses lines in two currencies and gives their stock back', async () => {
    const store = await graph.makeStore();
    const [dollars, yen] = [await makeVariant(store, 3), await makeVariant(store, 3, '1500', 'JPY')];
    const { body } = await orderCreate(
      store.visitor,
      orderInput([
        [dollars, 1],
        [yen, 1],
      ]),
    );
    expect(body.data.orderCreate.userErrors).toMatchObject([{ code: 'CURRENCY_MISMATCH' }]);
    await eventually(() => stockOf(store, dollars), [3, 3]);
  });

  it('sells to a customer on the store’s address: confirmed, priced, numbered, and off the shelf', async () => {
    const store = await graph.makeStore();
    const variantId = await makeVariant(store, 5);
    const { body } = await orderCreate(store.customer(), orderInput([[variantId, 2]]));
    expect(body.data.orderCreate).toMatchObject({
      order: {
        number: 1001,
        status: 'CONFIRMED',
        total: { amount: '300.00', currencyCode: 'USD' },
        items: [{ quantity: 2 }],
      },
      userErrors: [],
    });
    await eventually(() => stockOf(store, variantId), [3, 3]);
  });

  it('sells what a visitor has put into a cart, which shows the catalog’s variant, its sums and its stock', async () => {
    const store = await graph.makeStore();
    const variantId = await makeVariant(store, 3);
    const create = `mutation ($input: CartCreateInput!) { cartCreate(input: $input) { cart {
      id lines { quantity variant { id product { name } } totalPrice { amount } } cost { total { amount } } warnings { code }
    } userErrors { code } } }`;
    const input = { lines: [{ variantId, quantity: 4 }], email: 'ada@example.com', shippingAddress: address };
    const { body } = await graph.ask(store.visitor, create, { input });
    const { cart } = body.data.cartCreate;
    expect(cart).toMatchObject({
      lines: [
        {
          quantity: 4,
          variant: { id: variantId, product: { name: expect.any(String) } },
          totalPrice: { amount: '600.00' },
        },
      ],
      cost: { total: { amount: '600.00' } },
      warnings: [{ code: 'INSUFFICIENT_STOCK' }],
    });
    const order = { cartId: cart.id, idempotencyKey: randomUUID() };
    const refused = await orderCreate(store.visitor, order);
    expect(refused.body.data.orderCreate.userErrors).toMatchObject([{ code: 'INSUFFICIENT_STOCK' }]);
    const fewer = `mutation ($id: ID!, $line: ID!) { cartLinesUpdate(id: $id, input: { lines: [{ id: $line, quantity: 3 }] }) { cart { warnings { code } } } }`;
    const read = await graph.ask(store.visitor, 'query ($id: ID!) { cart(id: $id) { lines { id } } }', { id: cart.id });
    const changed = await graph.ask(store.visitor, fewer, { id: cart.id, line: read.body.data.cart.lines[0].id });
    expect(changed.body.data.cartLinesUpdate.cart.warnings).toEqual([]);
    const placed = await orderCreate(store.visitor, { ...order, idempotencyKey: randomUUID() });
    expect(placed.body.data.orderCreate.order).toMatchObject({ status: 'CONFIRMED', total: { amount: '450.00' } });
  });

  it('the same key fifty times at once is one order, and fifty same answers', async () => {
    const store = await graph.makeStore();
    const variantId = await makeVariant(store, 100);
    const input = orderInput([[variantId, 1]]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => orderCreate(store.customer(), input)));
    const first = answers[0]?.body.data.orderCreate;
    expect(first.order.status).toBe('CONFIRMED');
    for (const { body } of answers) expect(body.data.orderCreate).toEqual(first);
    await eventually(() => stockOf(store, variantId), [99, 99]);
  });

  it('the same key with another input is IDEMPOTENCY_CONFLICT; a refused order is refused again in the same words', async () => {
    const store = await graph.makeStore();
    const variantId = await makeVariant(store, 1);
    const input = orderInput([[variantId, 5]]);
    const refused = await orderCreate(store.customer(), input);
    expect((await orderCreate(store.customer(), input)).body.data).toEqual(refused.body.data);
    const other = { ...input, lines: [{ variantId, quantity: 1 }] };
    const conflict = await orderCreate(store.customer(), other);
    expect(conflict.body.data.orderCreate.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT' }]);
    const someoneElse = await orderCreate(store.customer('user_other'), other);
    expect(someoneElse.body.data.orderCreate.order.status).toBe('CONFIRMED');
  });

  it('200 buyers race for the last 10, with lines in opposite orders: 10 are confirmed, 190 get INSUFFICIENT_STOCK', async () => {
    const store = await graph.makeStore();
    const [a, b] = [await makeVariant(store, 10), await makeVariant(store, 10)];
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        orderCreate(
          store.customer(`user_${n}`),
          orderInput(
            n % 2
              ? [
                  [a, 1],
                  [b, 1],
                ]
              : [
                  [b, 1],
                  [a, 1],
                ],
          ),
        ),
      ),
    );
    const outcomes = answers.map(
      ({ body }) => body.data?.orderCreate.order?.status ?? body.data?.orderCreate.userErrors[0]?.code ?? body.errors,
    );
    expect(outcomes.filter((outcome) => outcome === 'CONFIRMED')).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === 'INSUFFICIENT_STOCK')).toHaveLength(190);
    await eventually(
      async () => [await stockOf(store, a), await stockOf(store, b)],
      [
        [0, 0],
        [0, 0],
      ],
    );
    const numbers = answers.map(({ body }) => body.data.orderCreate.order?.number).filter(Boolean);
    expect(new Set(numbers).size).toBe(10);
  });
});

describe('an order', () => {
  const place = async (store: TestStore, headers = store.customer()) => {
    const variantId = await makeVariant(store, 5);
    const { body } = await orderCreate(headers, orderInput([[variantId, 1]]));
    return { variantId, ...body.data.orderCreate.order } as { variantId: string; id: string; number: number };
  };
  const ORDER = 'query ($id: ID!) { order(id: $id) { id } }';

  it('is seen by staff and by who placed it, and by nobody else', async () => {
    const [store, other] = [await graph.makeStore(), await graph.makeStore()];
    const { id, number } = await place(store, store.customer('user_ada'));
    const seenBy = async (headers: Record<string, string>) =>
      (await graph.ask(headers, ORDER, { id })).body.data.order?.id ?? null;
    expect(await seenBy(store.member)).toBe(id);
    expect(await seenBy(store.customer('user_ada'))).toBe(id);
    for (const headers of [store.customer('user_eve'), store.visitor, other.admin, other.customer('user_ada')]) {
      expect(await seenBy(headers)).toBeNull();
    }
    const mine = await graph.ask(store.customer('user_ada'), '{ myOrders { nodes { number } totalCount } }');
    expect(mine.body.data.myOrders).toEqual({ nodes: [{ number }], totalCount: 1 });
    const list = await graph.ask(store.customer('user_ada'), '{ orders { nodes { id } } }');
    expect(list.body.errors[0].extensions.code).toBe('FORBIDDEN');
  });

  it('is fulfilled once, and can’t be canceled after that', async () => {
    const store = await graph.makeStore();
    const { id } = await place(store);
    // The money is taken behind the answer.
    const paid = async () =>
      (await graph.ask(store.member, 'query ($id: ID!) { order(id: $id) { financialStatus } }', { id })).body.data
        .order;
    await eventually(paid, { financialStatus: 'PAID' });
    const fulfill = () =>
      graph.ask(
        store.member,
        'mutation ($id: ID!) { orderFulfill(id: $id) { order { status fulfillmentStatus history { kind from to } } userErrors { code } } }',
        { id },
      );
    expect((await fulfill()).body.data.orderFulfill.order).toEqual({
      status: 'FULFILLED',
      fulfillmentStatus: 'FULFILLED',
      history: [
        { kind: 'STATUS', from: null, to: 'PENDING' },
        { kind: 'FINANCIAL_STATUS', from: 'PENDING', to: 'AUTHORIZED' },
        { kind: 'STATUS', from: 'PENDING', to: 'CONFIRMED' },
        { kind: 'FINANCIAL_STATUS', from: 'AUTHORIZED', to: 'PAID' },
        { kind: 'FULFILLMENT_STATUS', from: 'UNFULFILLED', to: 'FULFILLED' },
        { kind: 'STATUS', from: 'CONFIRMED', to: 'FULFILLED' },
      ],
    });
    expect((await fulfill()).body.data.orderFulfill.userErrors).toEqual([{ code: 'INVALID_TRANSITION' }]);
    const cancel = 'mutation ($id: ID!) { orderCancel(id: $id, input: { reason: "late" }) { userErrors { code } } }';
    expect((await graph.ask(store.admin, cancel, { id })).body.data.orderCancel.userErrors).toEqual([
      { code: 'INVALID_TRANSITION' },
    ]);
  });

  it('canceled by ten at once is canceled once, and its stock comes back once', async () => {
    const store = await graph.makeStore();
    const { id, variantId } = await place(store);
    const cancel =
      'mutation ($id: ID!) { orderCancel(id: $id, input: { reason: "Changed mind." }) { order { status cancelReason } userErrors { code } } }';
    const answers = await Promise.all(Array.from({ length: 10 }, () => graph.ask(store.admin, cancel, { id })));
    const payloads = answers.map(({ body }) => body.data.orderCancel);
    expect(payloads.filter(({ order }) => order?.status === 'CANCELED')).toHaveLength(1);
    expect(payloads.filter(({ userErrors }) => userErrors[0]?.code === 'INVALID_TRANSITION')).toHaveLength(9);
    await eventually(() => stockOf(store, variantId), [5, 5]);
    await sleep(1_500);
    expect(await stockOf(store, variantId)).toEqual([5, 5]);
  });

  it('of another store can’t be fulfilled or canceled: NOT_FOUND, as a random one', async () => {
    const [store, other] = [await graph.makeStore(), await graph.makeStore()];
    const { id } = await place(store);
    for (const orderId of [id, 'ord_none']) {
      const mutation =
        'mutation ($id: ID!) { orderFulfill(id: $id) { userErrors { code } } orderCancel(id: $id, input: { reason: "x" }) { userErrors { code } } }';
      const { body } = await graph.ask(other.admin, mutation, { id: orderId });
      expect(body.data).toEqual({
        orderFulfill: { userErrors: [{ code: 'NOT_FOUND' }] },
        orderCancel: { userErrors: [{ code: 'NOT_FOUND' }] },
      });
    }
    const { body } = await graph.ask(store.admin, 'query ($id: ID!) { order(id: $id) { status } }', { id });
    expect(body.data.order.status).toBe('CONFIRMED');
  });
});

it('a typed client lists and buys', async () => {
  const store = await graph.makeStore();
  await makeVariant(store, 5);
  const client = new StoreClient(`${graph.gatewayUrl}/graphql`, store.visitor);
  const { products } = await client.request(productListing, { first: 10 });
  const variantId = products?.nodes[0]?.variants.nodes[0]?.id ?? '';
  expect(products?.nodes[0]?.priceRange.min).toEqual({ amount: '150.00', currencyCode: 'USD' });
  const { orderCreate: bought } = await client.request(buy, {
    input: {
      lines: [{ variantId, quantity: 1 }],
      email: 'ada@example.com',
      shippingAddress: address,
      paymentMethod: 'MANUAL',
      idempotencyKey: 'typed-client-of-a-guest-1',
    },
  });
  expect(bought.order?.status).toBe('CONFIRMED');
});
