import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCheckout, TEST_METHOD } from '../../subgraphs/order/test/testMethod';
import { fillStore } from '../../subgraphs/product/test/planRow';
import { eventually } from '../../subgraphs/shared/test/eventHarness';
import { type TestStore, TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;
let store: TestStore;
let variantId: string;

beforeAll(async () => {
  graph = await TestSupergraph.start();
  store = await graph.makeStore('nike');
  const product =
    'mutation ($input: ProductCreateInput!) { productCreate(input: $input) { product { variants { nodes { id } } } } }';
  const variants = [{ sku: 'AIRMAX', price: { amount: '150', currencyCode: 'USD' }, quantityOnHand: 100_000 }];
  const { body } = await graph.ask(store.admin, product, { input: { name: 'Air Max', status: 'ACTIVE', variants } });
  variantId = body.data.productCreate.product.variants.nodes[0].id;
  await openCheckout(graph.ownerUrl('order'), store.id);
}, 120_000);
afterAll(() => graph?.stop(), 60_000);

/** The name of a new order. */
async function placed(headers: Record<string, string>): Promise<string> {
  const input = {
    lines: [{ variantId, quantity: 1 }],
    email: 'ada@example.com',
    shippingAddress: {
      name: 'Ada',
      line1: '1 Market Street',
      city: 'San Francisco',
      province: 'CA',
      countryCode: 'US',
    },
    paymentMethodId: TEST_METHOD,
    idempotencyKey: randomUUID(),
  };
  const order = 'mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { name } } }';
  const { body } = await graph.ask(headers, order, { input });
  return body.data.orderCreate.order.name;
}

it('an order’s name is the store’s prefix and its number, and stays when the store changes its prefix', async () => {
  expect(await placed(store.visitor)).toBe('#1001');
  const change = 'mutation { tenantSettingsUpdate(input: { orderPrefix: "NK-" }) { userErrors { code } } }';
  expect((await graph.ask(store.admin, change)).body.data.tenantSettingsUpdate.userErrors).toEqual([]);
  // The event brings it to the order subgraph.
  let last = await placed(store.customer());
  for (let tries = 0; last.startsWith('#') && tries < 100; tries += 1) {
    await sleep(100);
    last = await placed(store.visitor);
  }
  expect(last).toMatch(/^NK-10\d\d$/);
  const found = '{ orders(first: 100, reverse: false, query: "#1001") { nodes { name number } } }';
  const { body } = await graph.ask(store.admin, found);
  expect(body.data.orders.nodes).toEqual([{ name: '#1001', number: 1001 }]);
});

it('a store may have as many products as its plan allows, by the new plan as soon as its event was processed', async () => {
  const full = await graph.makeStore('full');
  await fillStore(graph.ownerUrl('product'), full.id, 99);
  const codesOf = async (mutation: string) => {
    const { body } = await graph.ask(full.admin, `mutation { it: ${mutation} { userErrors { code } } }`);
    return body.data.it.userErrors.map(({ code }: { code: string }) => code);
  };
  const variant = () => `{ sku: "${randomUUID()}", price: { amount: "1", currencyCode: USD } }`;
  const create = () => codesOf(`productCreate(input: { name: "Shoe", variants: [${variant()}] })`);
  expect(await create()).toEqual([]);
  expect(await create()).toEqual(['LIMIT_REACHED']);
  expect(await codesOf('tenantPlanChange(input: { plan: STARTER })')).toEqual([]);
  await eventually(async () => expect(await create()).toEqual([]), 10_000);
});
