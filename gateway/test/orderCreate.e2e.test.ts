import { randomUUID } from 'node:crypto';
import { type HookServer, startHookServer } from '../../subgraphs/order/checkoutHook/test/hookServer';
import { openCheckout, TEST_METHOD } from '../../subgraphs/order/test/testMethod';
import { address, eventually, makeVariant, orderCreate, orderInput, stockOf } from './buying';
import { TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;
let server: HookServer;

beforeAll(async () => {
  [graph, server] = await Promise.all([TestSupergraph.start(), startHookServer()]);
}, 120_000);
afterAll(async () => {
  await server?.close();
  await graph?.stop();
}, 60_000);

describe('orderCreate', () => {
  it('is refused without a store', async () => {
    const { status, body } = await orderCreate(graph, {}, orderInput([['pvar_x', 1]]));
    expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    const signedIn = await orderCreate(graph, graph.bearer(null), orderInput([['pvar_x', 1]]));
    expect(signedIn.body.errors[0].extensions.code).toBe('TENANT_REQUIRED');
  });

  it('returns all errors of its input, each with its path', async () => {
    const store = await graph.makeStore();
    const { body } = await orderCreate(graph, store.visitor, {
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

  it('answers NOT_FOUND for another store’s variant, as for an unknown one', async () => {
    const [mine, theirs] = [await graph.makeStore(), await graph.makeStore()];
    const foreign = await makeVariant(graph, theirs, 5);
    await openCheckout(graph.ownerUrl('order'), mine.id);
    const expected = {
      order: null,
      userErrors: [
        { field: ['input', 'lines', '0', 'variantId'], code: 'NOT_FOUND', message: 'No such variant on sale.' },
      ],
    };
    expect((await orderCreate(graph, mine.admin, orderInput([[foreign, 1]]))).body.data.orderCreate).toEqual(expected);
    expect((await orderCreate(graph, mine.admin, orderInput([['pvar_none', 1]]))).body.data.orderCreate).toEqual(
      expected,
    );
    expect(await stockOf(graph, theirs, foreign)).toEqual([5, 5]);
  });

  it('answers INSUFFICIENT_STOCK, and reserves nothing for its other lines', async () => {
    const store = await graph.makeStore();
    const [plenty, few] = [await makeVariant(graph, store, 10), await makeVariant(graph, store, 1)];
    const { body } = await orderCreate(
      graph,
      store.customer(),
      orderInput([
        [plenty, 2],
        [few, 2],
      ]),
    );
    expect(body.data.orderCreate.userErrors).toMatchObject([
      { field: ['input', 'lines', '1', 'quantity'], code: 'INSUFFICIENT_STOCK' },
    ]);
    expect(await stockOf(graph, store, plenty)).toEqual([10, 10]);
    expect(await stockOf(graph, store, few)).toEqual([1, 1]);
  });

  it('refuses lines in two currencies and releases their stock', async () => {
    const store = await graph.makeStore();
    const [dollars, yen] = [await makeVariant(graph, store, 3), await makeVariant(graph, store, 3, '1500', 'JPY')];
    const { body } = await orderCreate(
      graph,
      store.visitor,
      orderInput([
        [dollars, 1],
        [yen, 1],
      ]),
    );
    expect(body.data.orderCreate.userErrors).toMatchObject([{ code: 'CURRENCY_MISMATCH' }]);
    await eventually(() => stockOf(graph, store, dollars), [3, 3]);
  });

  it('sells to a customer at the store’s address: confirmed, priced, numbered, and taken from stock', async () => {
    const store = await graph.makeStore();
    const variantId = await makeVariant(graph, store, 5);
    const { body } = await orderCreate(graph, store.customer(), orderInput([[variantId, 2]]));
    expect(body.data.orderCreate).toMatchObject({
      order: {
        number: 1001,
        status: 'CONFIRMED',
        total: { amount: '300.00', currencyCode: 'USD' },
        items: [{ quantity: 2 }],
      },
      userErrors: [],
    });
    await eventually(() => stockOf(graph, store, variantId), [3, 3]);
  });

  it('sells a visitor’s cart, which shows the catalog’s variants, totals and stock', async () => {
    const store = await graph.makeStore();
    const variantId = await makeVariant(graph, store, 3);
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
    const order = { cartId: cart.id, paymentMethodId: TEST_METHOD, idempotencyKey: randomUUID() };
    const refused = await orderCreate(graph, store.visitor, order);
    expect(refused.body.data.orderCreate.userErrors).toMatchObject([{ code: 'INSUFFICIENT_STOCK' }]);
    const fewer = `mutation ($id: ID!, $line: ID!) { cartLinesUpdate(id: $id, input: { lines: [{ id: $line, quantity: 3 }] }) { cart { warnings { code } cost { total { amount } } } } }`;
    const read = await graph.ask(store.visitor, 'query ($id: ID!) { cart(id: $id) { lines { id } } }', { id: cart.id });
    const changed = await graph.ask(store.visitor, fewer, { id: cart.id, line: read.body.data.cart.lines[0].id });
    // The new sum has to be seen before it can be charged.
    expect(changed.body.data.cartLinesUpdate.cart).toEqual({ warnings: [], cost: { total: { amount: '450.00' } } });
    const placed = await orderCreate(graph, store.visitor, { ...order, idempotencyKey: randomUUID() });
    expect(placed.body.data.orderCreate.order).toMatchObject({ status: 'CONFIRMED', total: { amount: '450.00' } });
  });

  it('fifty concurrent requests with the same key make one order and get the same answer', async () => {
    const store = await graph.makeStore();
    const variantId = await makeVariant(graph, store, 100);
    const input = orderInput([[variantId, 1]]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => orderCreate(graph, store.customer(), input)));
    const first = answers[0]?.body.data.orderCreate;
    expect(first.order.status).toBe('CONFIRMED');
    for (const { body } of answers) expect(body.data.orderCreate).toEqual(first);
    await eventually(() => stockOf(graph, store, variantId), [99, 99]);
  });

  it('the same key with another input is IDEMPOTENCY_CONFLICT; a refused order is refused again with the same errors', async () => {
    const store = await graph.makeStore();
    const variantId = await makeVariant(graph, store, 1);
    const input = orderInput([[variantId, 5]]);
    const refused = await orderCreate(graph, store.customer(), input);
    expect((await orderCreate(graph, store.customer(), input)).body.data).toEqual(refused.body.data);
    const other = { ...input, lines: [{ variantId, quantity: 1 }] };
    const conflict = await orderCreate(graph, store.customer(), other);
    expect(conflict.body.data.orderCreate.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT' }]);
    const someoneElse = await orderCreate(graph, store.customer('user_other'), other);
    expect(someoneElse.body.data.orderCreate.order.status).toBe('CONFIRMED');
  });

  it('200 buyers race for the last 10, with lines in opposite orders: 10 are confirmed, 190 get INSUFFICIENT_STOCK', async () => {
    const store = await graph.makeStore();
    const [a, b] = [await makeVariant(graph, store, 10), await makeVariant(graph, store, 10)];
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        orderCreate(
          graph,
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
      ({ body }) => body.data?.orderCreate?.order?.status ?? body.data?.orderCreate?.userErrors[0]?.code ?? body.errors,
    );
    expect(outcomes.filter((outcome) => outcome === 'CONFIRMED')).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === 'INSUFFICIENT_STOCK')).toHaveLength(190);
    await eventually(
      async () => [await stockOf(graph, store, a), await stockOf(graph, store, b)],
      [
        [0, 0],
        [0, 0],
      ],
    );
    const numbers = answers.map(({ body }) => body.data.orderCreate.order?.number).filter(Boolean);
    expect(new Set(numbers).size).toBe(10);
  }, 60_000);

  it('asks the store’s own servers for rates and taxes once, and charges what the cart has shown', async () => {
    const store = await graph.makeStore();
    const variant = await makeVariant(graph, store, 5);
    server.by((_request, response) => {
      const { kind } = server.questions.at(-1)?.json ?? {};
      const price = { amount: '7.20', currencyCode: 'USD' };
      const taxLines = [{ title: 'State', rate: '6.25' }];
      const rates = { rates: [{ code: 'GROUND', name: 'Ground', price }] };
      const taxes = { lines: [{ position: 0, taxLines }], shipping: { taxLines } };
      response.end(JSON.stringify(kind === 'TAX' ? taxes : rates));
    });
    const CREATE = `mutation ($input: CheckoutHookCreateInput!) { checkoutHookCreate(input: $input) { userErrors { code } } }`;
    for (const kind of ['SHIPPING_RATES', 'TAX']) {
      const { body } = await graph.ask(store.admin, CREATE, { input: { kind, url: server.url } });
      expect(body.data.checkoutHookCreate.userErrors).toEqual([]);
    }
    const input = { lines: [{ variantId: variant, quantity: 2 }], email: 'ada@example.com', shippingAddress: address };
    const CART = `mutation ($input: CartCreateInput!) { cartCreate(input: $input) { cart { id
      shippingOption { name } cost { shipping { amount } tax { amount } total { amount } } } } }`;
    const { cart } = (await graph.ask(store.visitor, CART, { input })).body.data.cartCreate;
    const amounts = { shipping: { amount: '7.20' }, tax: { amount: '19.20' }, total: { amount: '326.40' } };
    expect(cart).toMatchObject({ shippingOption: { name: 'Ground' }, cost: amounts });
    const order = { cartId: cart.id, paymentMethodId: TEST_METHOD, idempotencyKey: randomUUID() };
    const { body } = await orderCreate(graph, store.visitor, order);
    expect(body.data.orderCreate).toMatchObject({ userErrors: [], order: { total: { amount: '326.40' } } });
    // By the real catalog, too, what is asked about the cart is what is asked about its order.
    expect(server.questions.map(({ json }) => json.kind)).toEqual(['SHIPPING_RATES', 'TAX']);
  });
});
