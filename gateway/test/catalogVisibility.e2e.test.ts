import { setTimeout as sleep } from 'node:timers/promises';
import { openCheckout, TEST_METHOD } from '../../subgraphs/order/test/testMethod';
import { type TestStore, TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;
let store: TestStore;
let sold: { id: string; variantId: string };
let orderId: string;

beforeAll(async () => {
  graph = await TestSupergraph.start();
  store = await graph.makeStore('nike');
  const created = await graph.ask(
    store.admin,
    'mutation ($input: ProductCreateInput!) { productCreate(input: $input) { product { id variants { nodes { id } } } } }',
    {
      input: {
        name: 'Air Max',
        status: 'ACTIVE',
        variants: [
          {
            sku: 'AIRMAX',
            price: { amount: '150', currencyCode: 'USD' },
            unitCost: { amount: '61.5', currencyCode: 'USD' },
            quantityOnHand: 5,
          },
        ],
      },
    },
  );
  const { id, variants } = created.body.data.productCreate.product;
  sold = { id, variantId: variants.nodes[0].id };
  await openCheckout(graph.ownerUrl('order'), store.id);
  const ordered = await graph.ask(
    store.customer(),
    'mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { id } } }',
    {
      input: {
        lines: [{ variantId: sold.variantId, quantity: 1 }],
        email: 'ada@example.com',
        shippingAddress: {
          name: 'Ada',
          line1: '1 Market Street',
          city: 'San Francisco',
          province: 'CA',
          countryCode: 'US',
        },
        paymentMethodId: TEST_METHOD,
        idempotencyKey: 'visibility-1',
      },
    },
  );
  orderId = ordered.body.data.orderCreate.order.id;
}, 120_000);
afterAll(() => graph?.stop(), 60_000);

const ORDER = `query ($id: ID!) { order(id: $id) { items { productName productSku quantity product { name } variant { sku unitCost { amount } taxedPrice { tax { amount } } } } } }`;
const itemOf = async (headers: Record<string, string>) => {
  const { body } = await graph.ask(headers, ORDER, { id: orderId });
  return {
    item: body.data.order.items[0],
    codes: (body.errors ?? []).map((error: { extensions: { code: string } }) => error.extensions.code),
  };
};
const bought = { productName: 'Air Max', productSku: 'AIRMAX', quantity: 1 };

it('an order’s product is visible to its customer while it is on sale, and its cost never', async () => {
  expect(await itemOf(store.customer())).toEqual({
    item: { ...bought, product: { name: 'Air Max' }, variant: { sku: 'AIRMAX', unitCost: null, taxedPrice: null } },
    codes: ['FORBIDDEN'],
  });
  expect((await itemOf(store.admin)).item.variant).toEqual({
    sku: 'AIRMAX',
    unitCost: { amount: '61.50' },
    taxedPrice: null,
  });
});

it('a product’s prices have the tax of the shopper’s country, whatever names the client gives to what they are made of', async () => {
  const rate = `mutation { taxRateCreate(input: { countryCode: "US", name: "Sales tax", rate: "10" }) { userErrors { code } } }`;
  expect((await graph.ask(store.admin, rate)).body.data.taxRateCreate.userErrors).toEqual([]);
  const query = `query ($id: ID!, $order: ID!, $to: ShippingDestinationInput) {
    product(id: $id) { taxClass: name taxedPriceRange(destination: $to) { min { gross { amount } } max { tax { amount } } }
      variants { nodes { price: sku taxedPrice(destination: $to) { gross { amount } net { amount } } taxedCompareAtPrice { net { amount } } } } }
    order(id: $order) { items { variant { taxedPrice(destination: $to) { tax { amount } } } } } }`;
  const variables = { id: sold.id, order: orderId, to: { countryCode: 'US' } };
  const { body } = await graph.ask(store.customer(), query, variables);
  expect(body.errors).toBeUndefined();
  expect(body.data).toEqual({
    product: {
      taxClass: 'Air Max',
      taxedPriceRange: { min: { gross: { amount: '165.00' } }, max: { tax: { amount: '15.00' } } },
      variants: {
        nodes: [
          {
            price: 'AIRMAX',
            taxedPrice: { gross: { amount: '165.00' }, net: { amount: '150.00' } },
            taxedCompareAtPrice: null,
          },
        ],
      },
    },
    order: { items: [{ variant: { taxedPrice: { tax: { amount: '15.00' } } } }] },
  });
});

it.each([
  ['archived', 'productUpdate(id: $id, input: { status: ARCHIVED }) { userErrors { code } }'],
  ['a draft again', 'productUpdate(id: $id, input: { status: DRAFT }) { userErrors { code } }'],
  [
    'not published any more',
    'productUpdate(id: $id, input: { status: ACTIVE, publishedAt: null }) { userErrors { code } }',
  ],
])(
  'an order does not lead its customer to a product that is %s; staff see it, and the order is whole',
  async (_state, mutation) => {
    const { body } = await graph.ask(store.admin, `mutation ($id: ID!) { ${mutation} }`, { id: sold.id });
    expect(body.data.productUpdate.userErrors).toEqual([]);
    expect(await itemOf(store.customer())).toEqual({ item: { ...bought, product: null, variant: null }, codes: [] });
    expect((await itemOf(store.admin)).item.product).toEqual({ name: 'Air Max' });
  },
);

it('a store that hides its exact stock hides it from the next request on, also in its customers’ orders', async () => {
  const show =
    'mutation { productUpdate(id: "ID", input: { status: ACTIVE, publishedAt: "2026-01-01T00:00:00Z" }) { userErrors { code } } }';
  await graph.ask(store.admin, show.replace('ID', sold.id));
  const STOCK = `query ($id: ID!) { order(id: $id) { items { variant { quantityAvailable availableForSale } } } }`;
  const seen = async (headers: Record<string, string>) =>
    (await graph.ask(headers, STOCK, { id: orderId })).body.data.order.items[0].variant;
  expect(await seen(store.customer())).toEqual({ quantityAvailable: 4, availableForSale: true });
  const hide = 'mutation { tenantSettingsUpdate(input: { showExactStock: false }) { userErrors { code } } }';
  expect((await graph.ask(store.admin, hide)).body.data.tenantSettingsUpdate.userErrors).toEqual([]);
  const deadline = Date.now() + 10_000;
  while ((await seen(store.customer())).quantityAvailable !== null && Date.now() < deadline) await sleep(100);
  expect(await seen(store.customer())).toEqual({ quantityAvailable: null, availableForSale: true });
  expect(await seen(store.admin)).toEqual({ quantityAvailable: 4, availableForSale: true });
});

it('an order of a deleted product stays complete', async () => {
  const { body } = await graph.ask(
    store.admin,
    'mutation ($id: ID!) { productDelete(id: $id) { deletedProductId userErrors { code } } }',
    { id: sold.id },
  );
  expect(body.data.productDelete).toEqual({ deletedProductId: sold.id, userErrors: [] });
  for (const headers of [store.customer(), store.admin]) {
    expect(await itemOf(headers)).toEqual({ item: { ...bought, product: null, variant: null }, codes: [] });
  }
});

it('a sold order of a deleted product can still be canceled', async () => {
  const { body } = await graph.ask(
    store.admin,
    'mutation ($id: ID!) { orderCancel(id: $id, input: { reason: "Gone." }) { order { status } userErrors { code } } }',
    { id: orderId },
  );
  expect(body.data.orderCancel).toEqual({ order: { status: 'CANCELED' }, userErrors: [] });
});
