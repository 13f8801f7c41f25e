import { openCheckout, TEST_METHOD } from '../../subgraphs/order/test/testMethod';
import { createStandInKey, signSessionToken } from '../dev/clerkStandIn';
import { type TestStore, TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;
let mine: TestStore;
let theirs: TestStore;
let their: { productId: string; slug: string; variantId: string; sku: string; categoryId: string; orderId: string };

beforeAll(async () => {
  graph = await TestSupergraph.start();
  mine = await graph.makeStore('adidas');
  theirs = await graph.makeStore('nike');
  their = await stock(theirs);
  await stock(mine);
}, 120_000);
afterAll(() => graph?.stop(), 60_000);

/** A category, a product and an order. */
async function stock(store: TestStore) {
  const sku = `SKU-${store.slug}`;
  const category = await graph.ask(
    store.admin,
    'mutation ($name: String!) { categoryCreate(input: { name: $name }) { category { id } } }',
    {
      name: `Category ${store.slug}`,
    },
  );
  const categoryId = category.body.data.categoryCreate.category.id;
  const created = await graph.ask(
    store.admin,
    'mutation ($input: ProductCreateInput!) { productCreate(input: $input) { product { id slug variants { nodes { id } } } } }',
    {
      input: {
        name: `Shoe ${store.slug}`,
        status: 'ACTIVE',
        categoryIds: [categoryId],
        variants: [{ sku, price: { amount: '10', currencyCode: 'USD' }, quantityOnHand: 5 }],
      },
    },
  );
  const product = created.body.data.productCreate.product;
  const variantId = product.variants.nodes[0].id;
  await openCheckout(graph.ownerUrl('order'), store.id);
  const ordered = await graph.ask(
    store.customer(),
    'mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { id } } }',
    {
      input: {
        lines: [{ variantId, quantity: 1 }],
        email: `buyer@${store.slug}.example.com`,
        shippingAddress: {
          name: 'Ada',
          line1: '1 Market Street',
          city: 'San Francisco',
          province: 'CA',
          countryCode: 'US',
        },
        paymentMethodId: TEST_METHOD,
        idempotencyKey: 'isolation-of-a-guest-1',
      },
    },
  );
  return {
    productId: product.id,
    slug: product.slug,
    variantId,
    sku,
    categoryId,
    orderId: ordered.body.data.orderCreate.order.id,
  };
}

const EVERYTHING = `query ($productId: ID!, $slug: String!, $variantId: ID!, $sku: String!, $categoryId: ID!, $orderId: ID!, $domain: String!) {
  byId: product(id: $productId) { name tenant { name } }
  bySlug: product(slug: $slug) { name }
  productVariant(id: $variantId) { sku }
  bySku: productVariant(sku: $sku) { sku }
  category(id: $categoryId) { name }
  inCategory: products(where: { categoryId: $categoryId }) { totalCount }
  order(id: $orderId) { email }
  tenantByDomain(domain: $domain) { name products { totalCount } }
}`;

const callers = (): [string, Record<string, string>][] => [
  ['admin', mine.admin],
  ['member', mine.member],
  ['customer', mine.customer()],
  ['visitor', mine.visitor],
];

it('every query with a foreign id answers as with a random one, to every caller', async () => {
  for (const [name, headers] of callers()) {
    const foreign = await graph.ask(headers, EVERYTHING, { ...their, domain: `${theirs.slug}.localhost` });
    const random = await graph.ask(headers, EVERYTHING, {
      productId: 'prod_none',
      slug: 'none',
      variantId: 'pvar_none',
      sku: 'NONE',
      categoryId: 'cat_none',
      orderId: 'ord_none',
      domain: 'none.localhost',
    });
    expect([name, foreign.body]).toEqual([name, random.body]);
    expect(JSON.stringify(foreign.body)).not.toContain(theirs.slug);
  }
});

it('every list holds the caller’s own rows only', async () => {
  const query = `{ currentTenant { id name products { totalCount nodes { id tenant { id } } } orders { totalCount } }
    products(first: 100) { totalCount nodes { name variants { nodes { sku } } } } categories { name } orders(first: 100) { totalCount nodes { email } } }`;
  const { body } = await graph.ask(mine.admin, query);
  expect(body.errors).toBeUndefined();
  expect(body.data.currentTenant).toMatchObject({
    id: mine.id,
    products: { totalCount: 1 },
    orders: { totalCount: 1 },
  });
  expect([body.data.products.totalCount, body.data.orders.totalCount, body.data.categories.length]).toEqual([1, 1, 1]);
  expect(JSON.stringify(body)).not.toContain(theirs.slug);
  expect(JSON.stringify(body)).not.toContain(theirs.id);
});

it('an admin of one store at another store’s address is a customer there', async () => {
  const headers = { ...mine.admin, ...theirs.visitor };
  const { body } = await graph.ask(headers, '{ currentTenant { id } products { totalCount } myOrders { totalCount } }');
  expect(body.data).toEqual({
    currentTenant: { id: theirs.id },
    products: { totalCount: 1 },
    myOrders: { totalCount: 0 },
  });
  const staffOnly = await graph.ask(headers, '{ orders { totalCount } }');
  expect(staffOnly.body.errors[0].extensions.code).toBe('FORBIDDEN');
  const create = await graph.ask(
    headers,
    'mutation { categoryCreate(input: { name: "Mine now" }) { category { id } } }',
  );
  expect(create.body.errors[0].extensions.code).toBe('FORBIDDEN');
});

it('headers that only the gateway may send change nothing', async () => {
  const forged = {
    'x-tenant-id': theirs.id,
    'x-user-id': 'user_staff',
    'x-user-role': 'ADMIN',
    'x-org-role': 'admin',
    'x-caller-signature': '99999999999.forged',
  };
  const asAdmin = await graph.ask({ ...mine.admin, ...forged }, '{ currentTenant { id } products { totalCount } }');
  expect(asAdmin.body.data).toEqual({ currentTenant: { id: mine.id }, products: { totalCount: 1 } });
  const alone = await graph.ask(forged, '{ products { totalCount } }');
  expect(alone.body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
});

it('no store, an unknown store, and an invalid token are refused with their codes', async () => {
  const query = '{ products { totalCount } }';
  const codeOf = async (headers: Record<string, string>) =>
    (await graph.ask(headers, query)).body.errors[0].extensions.code;
  expect(await codeOf({})).toBe('UNAUTHENTICATED');
  expect(await codeOf(graph.bearer(null))).toBe('TENANT_REQUIRED');
  expect(await codeOf({ 'x-store-domain': 'nobody.localhost' })).toBe('STORE_NOT_FOUND');
  expect(await codeOf(graph.bearer({ id: 'org_nobody', slug: 'nobody', role: 'admin' }))).toBe('TENANT_REQUIRED');
  expect(await codeOf({ authorization: 'Bearer nonsense' })).toBe('UNAUTHENTICATED');
  const stranger = signSessionToken(
    {
      userId: 'user_staff',
      organization: { id: theirs.id, slug: theirs.slug, role: 'admin' },
      version: 2,
      expiresInSeconds: 60,
      authorizedParty: 'http://localhost:3000',
    },
    createStandInKey().privateKey,
  );
  expect(await codeOf({ authorization: `Bearer ${stranger}` })).toBe('UNAUTHENTICATED');
});

it('both versions of Clerk’s token give the same caller', async () => {
  const query = '{ currentTenant { id } orders { totalCount } }';
  const [v1, v2] = await Promise.all(
    ([1, 2] as const).map((version) =>
      graph.ask(graph.bearer({ ...mine, role: 'member' }, 'user_staff', version), query),
    ),
  );
  expect(v1?.body.data.currentTenant.id).toBe(mine.id);
  expect(v1?.body).toEqual(v2?.body);
});

it('internal operations are not in the clients’ schema', async () => {
  for (const query of [
    'mutation { stockCommit(orderId: "x") { changed } }',
    '{ _service { sdl } }',
    '{ _entities(representations: []) { __typename } }',
  ]) {
    const { status, body } = await graph.ask(mine.admin, query);
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
  }
});

it('Clerk’s webhook: a forged one changes nothing, and a repeated one has one effect', async () => {
  const organization = { id: `org_hook_${Date.now()}`, name: 'Hook', slug: `hook-${Date.now()}` };
  const forged = await fetch(`${graph.gatewayUrl}/api/webhooks/clerk`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'svix-id': 'msg_1',
      'svix-timestamp': String(Math.floor(Date.now() / 1000)),
      'svix-signature': 'v1,AAAA',
    },
    body: JSON.stringify({ type: 'organization.created', data: organization }),
  });
  expect(forged.status).toBe(400);
  const admin = graph.bearer({ ...organization, role: 'admin' });
  const deliveries = await Promise.all(Array.from({ length: 20 }, () => graph.deliver(organization, 'msg_repeated')));
  expect(deliveries.map(({ status }) => status)).toEqual(Array(20).fill(200));
  const outcomes = await Promise.all(deliveries.map((delivery) => delivery.text()));
  expect(outcomes.filter((outcome) => outcome.includes('applied'))).toHaveLength(1);
  const { body } = await graph.ask(admin, '{ currentTenant { id slug } }');
  expect(body.data.currentTenant).toEqual({ id: organization.id, slug: organization.slug });
});

it('a log has no token, no e-mail address and no webhook signature', async () => {
  expect(graph.lines.length).toBeGreaterThan(0);
  const log = graph.lines.join('\n');
  expect(log).not.toMatch(/Bearer |eyJ[A-Za-z0-9]|@.*example\.com|v1,[A-Za-z0-9+/]{10}/);
});
