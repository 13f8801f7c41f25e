import { randomUUID } from 'node:crypto';
import { admin, visitor } from '../../shared/test/askSubgraph';
import { finishedSagas } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { type HookServer, isSignedWith, startHookServer } from './test/hookServer';
import { storeWithHook } from './test/storeWithHook';

let order: OrderSubgraphUnderTest;
let server: HookServer;
beforeAll(async () => {
  [order, server] = await Promise.all([startTestSubgraph(), startHookServer()]);
});
beforeEach(() => server.answers(RATES));
afterAll(async () => {
  await server?.close();
  await order?.close();
});

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const RATES = {
  rates: [
    { code: 'GROUND', name: 'Ground', price: usd('7.20'), estimatedDays: { min: 3, max: 5 } },
    { code: 'AIR', name: 'Air', price: usd('31.00') },
  ],
};
const open = (more: object = {}) => storeWithHook(order, server, 'SHIPPING_RATES', more);
const namesOf = (cart: { shippingOptions: { name: string }[] }) => cart.shippingOptions.map(({ name }) => name);

describe('the rates of a store’s own server', () => {
  it('are listed beside the store’s own, and charged as they were shown', async () => {
    const store = await open();
    await store.rules.shippingRate({ name: 'Post', price: usd('9.00') });
    const id = await store.fill();
    const cart = await store.read(id);
    expect(cart.shippingOptions).toEqual([
      { id: expect.stringMatching(/^hrat_/), name: 'Ground', price: usd('7.20'), estimatedDays: { min: 3, max: 5 } },
      { id: expect.stringMatching(/^srat_/), name: 'Post', price: usd('9.00'), estimatedDays: null },
      { id: expect.stringMatching(/^hrat_/), name: 'Air', price: usd('31.00'), estimatedDays: null },
    ]);
    expect(cart.warnings).toEqual([{ code: 'SHIPPING_OPTION_REQUIRED' }]);
    const [ground] = cart.shippingOptions;
    const chosen = await store.choose(id, ground.id);
    expect(chosen).toMatchObject({ userErrors: [], cart: { shippingOption: { id: ground.id }, warnings: [] } });
    expect(chosen.cart.cost).toMatchObject({ shipping: { amount: '7.20' }, total: { amount: '157.20' } });
    const { order: placed, userErrors } = await store.checkOut(id);
    expect(userErrors).toEqual([]);
    expect(placed).toMatchObject({
      shippingName: 'Ground',
      shippingOptionId: ground.id,
      estimatedDays: { min: 3, max: 5 },
      shipping: { amount: '7.20' },
      total: { amount: '157.20' },
    });
  });

  it('are asked for once for a cart and its order, signed, without anything about the person', async () => {
    const store = await open();
    await store.hooks.rotate(store.hook.id);
    const id = await store.fill(2);
    const cart = await store.read(id);
    await store.read(id);
    await store.choose(id, cart.shippingOptions[0].id);
    expect((await store.checkOut(id)).userErrors).toEqual([]);
    const [question, ...others] = store.questions();
    if (!question) throw new Error('Nothing was asked');
    expect(others).toEqual([]);
    expect(isSignedWith(store.secret, question)).toBe(true);
    expect(question.json).toEqual({
      version: 1,
      kind: 'SHIPPING_RATES',
      storeId: store.tenantId,
      currencyCode: 'USD',
      destination: { countryCode: 'US', province: 'CA', postalCode: '94105' },
      lines: [
        {
          position: 0,
          variantId: 'pvar_1',
          productId: 'prod_1',
          sku: 'SKU of pvar_1',
          quantity: 2,
          grams: 500,
          requiresShipping: true,
          unitPrice: '150.00',
          subtotal: '300.00',
          discount: '0.00',
        },
      ],
      subtotal: '300.00',
      discount: '0.00',
    });
    for (const personal of ['ada', 'market street', 'francisco', id]) {
      expect(question.body.toLowerCase()).not.toContain(personal);
    }
  });

  it('are asked for at none but the store’s own server, which is not asked for what does not depend on it', async () => {
    const store = await open();
    const other = await open({ url: server.url.replace('/rates', '/other'), isActive: false });
    const [mine, theirs] = [await store.fill(), await other.fill()];
    const lines = '{ lines { unitPrice { amount } totalPrice { amount } } totalQuantity shippingAddress { city } }';
    await store.send(`query ($id: ID!) { cart(id: $id) ${lines} }`, { id: mine });
    expect(store.questions()).toEqual([]);
    await other.read(theirs);
    expect(other.questions()).toEqual([]);
    await store.read(mine);
    expect(store.questions()).toHaveLength(1);
    expect(other.questions()).toEqual([]);
  });

  it('are not asked for again by the recovery of an order, nor by a repeat of its request', async () => {
    const store = await open();
    const id = await store.fill();
    const { shippingOptions } = await store.read(id);
    await store.choose(id, shippingOptions[1].id);
    await store.sql('DELETE FROM checkout_hook_answers');
    order.product.fail(store.tenantId, 'StockReserve', 'CUT', 'CUT');
    const idempotencyKey = randomUUID();
    await store.checkOut(id, { idempotencyKey });
    server.answers({ rates: [] });
    await store.sql('DELETE FROM checkout_hook_answers');
    await finishedSagas(order.ownerUrl, store.tenantId);
    const { order: placed } = await store.checkOut(id, { idempotencyKey });
    expect(placed).toMatchObject({ shippingName: 'Air', shipping: { amount: '31.00' } });
    expect(store.questions()).toHaveLength(2);
  });

  it('that changed since they were shown refuse the order, and nothing is reserved', async () => {
    const store = await open();
    const id = await store.fill();
    const { shippingOptions } = await store.read(id);
    await store.choose(id, shippingOptions[0].id);
    await store.sql('DELETE FROM checkout_hook_answers');
    server.answers({ rates: [{ ...RATES.rates[0], price: usd('8.00') }] });
    const { order: placed, userErrors, nextStep } = await store.checkOut(id);
    expect(placed).toBeNull();
    expect(userErrors.map(({ code }: { code: string }) => code)).toEqual(['PRICE_CHANGED', 'PRICE_CHANGED']);
    expect(nextStep).toBe('REVIEW_CART');
    const [confirmed] = (await store.read(id)).shippingOptions;
    expect(confirmed).toMatchObject({ id: shippingOptions[0].id, price: usd('8.00') });
    expect((await store.checkOut(id)).order).toMatchObject({ shipping: { amount: '8.00' } });
  });

  it('of an order at other prices than they were asked for are not used', async () => {
    const store = await open();
    server.answers({ rates: [RATES.rates[0]] });
    const lines = [{ variantId: 'pvar_1', quantity: 1 }];
    const shippingAddress = { name: 'Ada', line1: '1 Market Street', city: 'San Francisco', countryCode: 'US' };
    // The catalog has another price by the time that it reserves the stock.
    server.by((_request, response) => {
      order.product.price(store.tenantId, 'pvar_1', '160.00');
      response.end(JSON.stringify({ rates: [RATES.rates[0]] }));
    });
    const input = { cartId: null, lines, email: 'ada@example.com', shippingAddress };
    const { order: placed, userErrors } = await store.checkOut('', input);
    expect([placed, userErrors]).toEqual([null, [{ field: ['input'], code: 'PRICE_CHANGED' }]]);
    expect((await store.checkOut('', input)).order).toMatchObject({
      shipping: { amount: '7.20' },
      total: { amount: '167.20' },
    });
  });
});

describe('orderUpdate to another address', () => {
  it('asks about it, says what would change, and changes nothing unless that is accepted', async () => {
    const store = await open();
    server.by((_request, response) => {
      const price = usd(server.questions.at(-1)?.json.destination.province === 'NY' ? '9.00' : '7.20');
      response.end(JSON.stringify({ rates: [{ code: 'GROUND', name: 'Ground', price }, RATES.rates[1]] }));
    });
    const cart = await store.fill(2);
    await store.choose(cart, (await store.read(cart)).shippingOptions[0].id);
    const { order: placed } = await store.checkOut(cart);
    await finishedSagas(order.ownerUrl, store.tenantId);
    const shippingAddress = { name: 'Ada', line1: '1 Broadway', city: 'New York', province: 'NY', countryCode: 'US' };
    const update = async (more: object = {}) => {
      const query = `mutation ($id: ID!, $input: OrderUpdateInput!) { orderUpdate(id: $id, input: $input) {
        order { version shipping { amount } shippingAddress { city } } userErrors { field code } } }`;
      const [{ version }] = (await store.sql<{ version: number }>('SELECT version FROM orders')) as [
        { version: number },
      ];
      const input = { expectedVersion: version, shippingAddress, ...more };
      const { data, errors } = await order.ask(admin(store.tenantId), query, { id: placed.id, input });
      if (errors) throw new Error(JSON.stringify(errors));
      return data.orderUpdate;
    };
    const changed = { field: ['input', 'shippingAddress'], code: 'PRICE_CHANGED' };
    expect(await update()).toEqual({ order: null, userErrors: [changed, changed] });
    expect(await update({ keepSums: true })).toMatchObject({
      order: { shipping: { amount: '7.20' }, shippingAddress: { city: 'New York' } },
      userErrors: [],
    });
    // The old address was asked about when the order was placed, and the new one once.
    expect(store.questions().map(({ json }) => json.destination.province)).toEqual(['CA', 'NY']);
  });
});

describe('a server that does not answer', () => {
  it('leaves the fallback rates, which are offered only then; staff see why, and it is left alone after some failures', async () => {
    const store = await open();
    await store.rules.shippingRate({ name: 'Post', price: usd('9.00') });
    await store.rules.shippingRate({ name: 'Flat', price: usd('12.00'), isFallback: true });
    expect(namesOf(await store.read(await store.fill()))).toEqual(['Ground', 'Post', 'Air']);
    server.answers({}, 503);
    // One answer and five failures: more than half of six.
    for (const quantity of [2, 3, 4, 5, 6, 7, 8, 9]) {
      expect(namesOf(await store.read(await store.fill(quantity)))).toEqual(['Post', 'Flat']);
    }
    expect(store.questions().length).toBeLessThan(8);
    expect(await store.hooks.list()).toMatchObject([
      { lastFailure: { reason: 'WRONG_STATUS', status: 503 }, version: 1 },
    ]);
    const metrics = await (await fetch(`${order.url}/metrics`)).text();
    for (const outcome of ['ANSWERED', 'WRONG_STATUS', 'CIRCUIT_OPEN']) {
      expect(metrics).toContain(`checkout_hook_questions_total{kind="SHIPPING_RATES",outcome="${outcome}"}`);
    }
    const id = await store.fill(9);
    const [, flat] = (await store.read(id)).shippingOptions;
    await store.choose(id, flat.id);
    expect((await store.checkOut(id)).order).toMatchObject({ shippingName: 'Flat', shipping: { amount: '12.00' } });
  });

  it.each([
    [
      'rates in another currency',
      { rates: [{ code: 'A', name: 'A', price: { amount: '1.00', currencyCode: 'EUR' } }] },
    ],
    ['something else', { result: 'ok' }],
  ])('as it should, but with %s, counts as one that does not', async (_what, answer) => {
    const store = await open();
    server.answers(answer);
    const cart = await store.read(await store.fill());
    expect(cart).toMatchObject({ shippingOptions: [], warnings: [{ code: 'SHIPPING_UNAVAILABLE' }] });
    expect(await store.hooks.list()).toMatchObject([{ lastFailure: { reason: 'INVALID_ANSWER', status: 200 } }]);
  });

  it('is asked again after its address was changed', async () => {
    const store = await open();
    server.answers({}, 500);
    const id = await store.fill();
    expect(namesOf(await store.read(id))).toEqual([]);
    server.answers(RATES);
    await store.hooks.update(store.hook.id, { url: `${server.url}/v2` });
    expect(namesOf(await store.read(id))).toEqual(['Ground', 'Air']);
  });

  it('is not asked where it is not needed: without an address, for what is not sent, and when it is switched off', async () => {
    const store = await open();
    expect(await store.read(await store.fill(1, { shippingAddress: null }))).toMatchObject({ shippingOptions: [] });
    const download = { lines: [{ variantId: 'pvar_file', quantity: 1 }] };
    expect(await store.read(await store.fill(1, download))).toMatchObject({ shippingOptions: [], warnings: [] });
    await store.hooks.update(store.hook.id, { isActive: false });
    expect(await store.read(await store.fill())).toMatchObject({ cost: { shipping: { amount: '0.00' } } });
    // A fallback rate is offered in the place of rates that were asked for, and never alone.
    await store.rules.shippingRate({ name: 'Flat', isFallback: true });
    await store.rules.shippingRate({ name: 'Post' });
    expect(namesOf(await store.read(await store.fill()))).toEqual(['Post']);
    expect(store.questions()).toEqual([]);
  });
});

it('a shopper who asks for ever other addresses is THROTTLED, gets no fallback rates by it, and still what is stored', async () => {
  const store = await open();
  await store.rules.shippingRate({ name: 'Flat', isFallback: true });
  const [stored, fresh] = [await store.fill(1), await store.fill(2)];
  await store.read(stored);
  const shopper = { ...visitor(store.tenantId), clientAddress: '203.0.113.9' };
  const elsewhere = Array.from(
    { length: 130 },
    (_, n) => `a${n}: shippingOptions(destination: { countryCode: "US", postalCode: "${90_000 + n}" }) { name }`,
  );
  const flood = await order.ask(shopper, `query ($id: ID!) { cart(id: $id) { ${elsewhere.join(' ')} } }`, {
    id: stored,
  });
  expect(flood.data.cart).toBeNull();
  expect(flood.errors?.map(({ extensions }) => extensions?.code)).toContain('THROTTLED');
  expect(store.questions().length).toBeLessThanOrEqual(1 + 120);
  const both = `query ($stored: ID!, $fresh: ID!) { stored: cart(id: $stored) { cost { due { amount } } }
    fresh: cart(id: $fresh) { cost { due { amount } } } }`;
  const { data, errors } = await order.ask(shopper, both, { stored, fresh });
  expect([data.stored.cost, data.fresh.cost]).toEqual([{ due: { amount: '150.00' } }, null]);
  expect(errors?.map(({ path }) => path?.join('.'))).toEqual(['fresh.cost']);
});
