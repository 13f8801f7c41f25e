import { setTimeout as sleep } from 'node:timers/promises';
import { openCheckout, TEST_METHOD } from '../../subgraphs/order/test/testMethod';
import { OwnSupergraph } from './ownSupergraph';
import type { TestStore } from './startSupergraph';

let graph: OwnSupergraph;
let store: TestStore;
let variantId: string;

const ORDER_CREATE = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id number status } userErrors { field code message } } }`;
const ORDERS = `{
  currentTenant { name settings { defaultCurrency } }
  orders { nodes { number status total { amount } items {
    productName quantity product { name categories { name } } variant { sku quantityAvailable } } } }
}`;

const input = (idempotencyKey: string, quantity = 1) => ({
  lines: [{ variantId, quantity }],
  email: 'ada@example.com',
  shippingAddress: { name: 'Ada', line1: '1 Market Street', city: 'San Francisco', province: 'CA', countryCode: 'US' },
  paymentMethodId: TEST_METHOD,
  idempotencyKey,
});

async function within<Value>(
  seconds: number,
  check: () => Promise<Value>,
  accept: (value: Value) => boolean,
): Promise<Value> {
  const deadline = Date.now() + seconds * 1000;
  let value = await check();
  while (!accept(value) && Date.now() < deadline) {
    await sleep(200);
    value = await check();
  }
  return value;
}

beforeAll(async () => {
  graph = await OwnSupergraph.start();
  store = await graph.makeStore('nike');
  await openCheckout(graph.ownerUrl('order'), store.id);
  const create = `mutation ($input: ProductCreateInput!) { productCreate(input: $input) { product { variants { nodes { id } } } } }`;
  const { body } = await graph.ask(store.admin, create, {
    input: {
      name: 'Air Max',
      status: 'ACTIVE',
      variants: [{ sku: 'AM', price: { amount: '150.00', currencyCode: 'USD' }, quantityOnHand: 100 }],
    },
  });
  variantId = body.data.productCreate.product.variants.nodes[0].id;
}, 120_000);
afterAll(() => graph?.stop(), 60_000);

it('one query crosses the three subgraphs', async () => {
  await graph.ask(store.customer(), ORDER_CREATE, { input: input('first-order') });
  const { body } = await graph.ask(store.admin, ORDERS);
  expect(body.errors).toBeUndefined();
  expect(body.data).toEqual({
    currentTenant: { name: 'nike', settings: { defaultCurrency: 'USD' } },
    orders: {
      nodes: [
        {
          number: 1001,
          status: 'CONFIRMED',
          total: { amount: '150.00' },
          items: [
            {
              productName: 'Air Max',
              quantity: 1,
              product: { name: 'Air Max', categories: [] },
              variant: { sku: 'AM', quantityAvailable: 99 },
            },
          ],
        },
      ],
    },
  });
});

it('while the product subgraph is down, orders answer from their snapshots, a new order waits, and all recovers by itself', async () => {
  await graph.kill('product');
  const { status, body } = await graph.ask(store.admin, ORDERS);
  expect(status).toBe(200);
  expect(body.data.orders.nodes[0]).toMatchObject({
    number: 1001,
    total: { amount: '150.00' },
    items: [{ productName: 'Air Max', product: null, variant: null }],
  });
  expect(body.data.currentTenant.name).toBe('nike');
  expect(body.errors.length).toBeGreaterThan(0);
  for (const { extensions, message } of body.errors) {
    expect(extensions.code).toBe('SERVICE_UNAVAILABLE');
    expect(message).not.toMatch(/127\.0\.0\.1|http|ECONN/);
  }
  const others = await graph.ask(
    store.admin,
    '{ products { totalCount } currentTenant { name } orders { totalCount } }',
  );
  expect(others.body.data).toEqual({ products: null, currentTenant: { name: 'nike' }, orders: { totalCount: 1 } });
  const ready = await fetch(`${graph.gatewayUrl}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'degraded', notReady: ['product'], circuits: expect.objectContaining({ order: 'CLOSED' }) },
  ]);

  const waiting = await graph.ask(store.customer(), ORDER_CREATE, { input: input('while-down') });
  expect(waiting.body.data.orderCreate).toMatchObject({ order: { status: 'PENDING' }, userErrors: [] });

  await graph.startService('product');
  const healed = await graph.ask(store.admin, ORDERS);
  expect(healed.body.errors).toBeUndefined();
  const status2 = async () =>
    (
      await graph.ask(store.admin, 'query ($id: ID!) { order(id: $id) { status } }', {
        id: waiting.body.data.orderCreate.order.id,
      })
    ).body.data.order.status;
  expect(await within(30, status2, (value) => value === 'CONFIRMED')).toBe('CONFIRMED');
}, 90_000);
