import { setTimeout as sleep } from 'node:timers/promises';
import { openCheckout, TEST_METHOD } from '../../subgraphs/order/test/testMethod';
import { address, eventually, makeVariant, orderCreate, orderInput, stockOf } from './buying';
import { buy, productListing, StoreClient } from './client/storeClient';
import { type TestStore, TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;

beforeAll(async () => {
  graph = await TestSupergraph.start();
}, 120_000);
afterAll(() => graph?.stop(), 60_000);

describe('an order', () => {
  const place = async (store: TestStore, headers = store.customer()) => {
    const variantId = await makeVariant(graph, store, 5);
    const { body } = await orderCreate(graph, headers, orderInput([[variantId, 1]]));
    return { variantId, ...body.data.orderCreate.order } as { variantId: string; id: string; number: number };
  };
  const ORDER = 'query ($id: ID!) { order(id: $id) { id } }';

  it('is visible to staff and to the person who placed it, and to nobody else', async () => {
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
    // The payment is captured after the answer.
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

  it('canceled by ten concurrent requests is canceled once, and its stock is returned once', async () => {
    const store = await graph.makeStore();
    const { id, variantId } = await place(store);
    const cancel =
      'mutation ($id: ID!) { orderCancel(id: $id, input: { reason: "Changed mind." }) { order { status cancelReason } userErrors { code } } }';
    const answers = await Promise.all(Array.from({ length: 10 }, () => graph.ask(store.admin, cancel, { id })));
    const payloads = answers.map(({ body }) => body.data.orderCancel);
    expect(payloads.filter(({ order }) => order?.status === 'CANCELED')).toHaveLength(1);
    expect(payloads.filter(({ userErrors }) => userErrors[0]?.code === 'INVALID_TRANSITION')).toHaveLength(9);
    await eventually(() => stockOf(graph, store, variantId), [5, 5]);
    await sleep(1_500);
    expect(await stockOf(graph, store, variantId)).toEqual([5, 5]);
  });

  it('keeps size and image of what was bought when the product is deleted, and is sent by its items’ ids', async () => {
    const store = await graph.makeStore();
    const product = {
      name: 'Shoe',
      status: 'ACTIVE',
      options: [{ name: 'Size', values: ['42'] }],
      images: [{ url: 'https://images.example/shoe.jpg', altText: 'A shoe' }],
      variants: [
        {
          sku: 'SHOE-42',
          price: { amount: '10', currencyCode: 'USD' },
          quantityOnHand: 5,
          optionValues: [{ option: 'Size', value: '42' }],
        },
      ],
    };
    const create = `mutation ($input: ProductCreateInput!) { productCreate(input: $input) { product { id variants { nodes { id } } } } }`;
    const { body: made } = await graph.ask(store.admin, create, { input: product });
    const { id: productId, variants } = made.data.productCreate.product;
    await openCheckout(graph.ownerUrl('order'), store.id);
    const { body } = await orderCreate(graph, store.customer(), orderInput([[variants.nodes[0].id, 1]]));
    const { id } = body.data.orderCreate.order;
    const remove = `mutation ($id: ID!) { productDelete(id: $id) { deletedProductId userErrors { code } } }`;
    // The stock is committed after the answer: until then the product can't be deleted.
    const deleted = async () => (await graph.ask(store.admin, remove, { id: productId })).body.data.productDelete;
    await eventually(deleted, { deletedProductId: productId, userErrors: [] });

    const slip = `query ($id: ID!) { order(id: $id) { items {
      id variantTitle optionValues { option value } image { url altText } variant { sku } } } }`;
    const read = await graph.ask(store.member, slip, { id });
    const [item] = read.body.data.order.items;
    expect(item).toEqual({
      id: expect.stringMatching(/^oitm_/),
      variantTitle: '42',
      optionValues: [{ option: 'Size', value: '42' }],
      image: { url: 'https://images.example/shoe.jpg', altText: 'A shoe' },
      variant: null,
    });
    const send = `mutation ($id: ID!, $input: OrderFulfillInput) { orderFulfill(id: $id, input: $input) {
      order { status fulfillments { lines { item { id } quantity } } } userErrors { code } } }`;
    const input = { lines: [{ itemId: item.id, quantity: 1 }], idempotencyKey: 'the-only-parcel' };
    const sent = await graph.ask(store.member, send, { id, input });
    expect(sent.body.data.orderFulfill).toEqual({
      order: { status: 'FULFILLED', fulfillments: [{ lines: [{ item: { id: item.id }, quantity: 1 }] }] },
      userErrors: [],
    });
  });

  it('of another store can’t be fulfilled or canceled: NOT_FOUND, as an unknown one', async () => {
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
  await makeVariant(graph, store, 5);
  const client = new StoreClient(`${graph.gatewayUrl}/graphql`, store.visitor);
  const { products } = await client.request(productListing, { first: 10 });
  const variantId = products?.nodes[0]?.variants.nodes[0]?.id ?? '';
  expect(products?.nodes[0]?.priceRange.min).toEqual({ amount: '150.00', currencyCode: 'USD' });
  const { orderCreate: bought } = await client.request(buy, {
    input: {
      lines: [{ variantId, quantity: 1 }],
      email: 'ada@example.com',
      shippingAddress: address,
      paymentMethodId: TEST_METHOD,
      idempotencyKey: 'typed-client-of-a-guest-1',
    },
  });
  expect(bought?.order?.status).toBe('CONFIRMED');
});
