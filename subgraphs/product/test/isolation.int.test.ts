import { CALLER_HEADERS, type Caller, signCaller } from '../../shared/caller';
import { admin, customer, freshTenantId, SIGNING_KEY, service, visitor } from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { type MadeProduct, makeProduct, productInput } from './factories';
import { startTestSubgraph } from './startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
let attacker: string;
let victim: string;
let theirs: MadeProduct;
let theirCategory: string;

beforeAll(async () => {
  product = await startTestSubgraph();
  attacker = freshTenantId('attacker');
  victim = freshTenantId('victim');
  theirs = await makeProduct(product, admin(victim), { slug: 'secret-shoe', variants: productInput().variants });
  const { data } = await product.ask(
    admin(victim),
    'mutation { categoryCreate(input: { name: "Secret" }) { category { id } } }',
  );
  theirCategory = data.categoryCreate.category.id;
  for (const stock of [
    'stockReserve(orderId: "ord_theirs", lines: $lines) { lines { quantity } }',
    'stockCommit(orderId: "ord_theirs") { outcome }',
  ]) {
    const lines = [{ variantId: theirs.variantId, quantity: 1 }];
    const signature = stock.includes('$lines') ? '($lines: [StockReserveLine!]!)' : '';
    await product.ask(service(victim), `mutation ${signature} { ${stock} }`, { lines });
  }
  await makeProduct(product, admin(attacker));
});
afterAll(() => product?.close());

const CALLERS: [string, (tenantId: string) => Caller][] = [
  ['admin', admin],
  ['customer', customer],
  ['visitor', visitor],
  ['service', service],
];

describe.each(CALLERS)('as %s of another store', (_role, caller) => {
  it('every query with another store’s id, slug or SKU answers as with an unknown one', async () => {
    const query = `query ($id: ID!, $slug: String!, $variantId: ID!, $sku: String!, $categoryId: ID!, $refs: [_Any!]!) {
      byId: product(id: $id) { name } bySlug: product(slug: $slug) { name }
      variant: productVariant(id: $variantId) { sku } bySku: productVariant(sku: $sku) { sku }
      category(id: $categoryId) { name } categorySlug: category(slug: "secret") { name } categories { id }
      inCategory: products(where: { categoryId: $categoryId }) { totalCount nodes { id } }
      _entities(representations: $refs) { ... on Product { name } ... on ProductVariant { sku } ... on Category { name }
        ... on Tenant { products { totalCount } } }
    }`;
    const refs = (id: string, variantId: string, categoryId: string, tenantId: string) => [
      { __typename: 'Product', id },
      { __typename: 'Product', id, tenantId: victim },
      { __typename: 'ProductVariant', id: variantId },
      { __typename: 'Category', id: categoryId },
      { __typename: 'Tenant', id: tenantId },
    ];
    const foreign = await product.ask(caller(attacker), query, {
      ...theirs,
      categoryId: theirCategory,
      refs: refs(theirs.id, theirs.variantId, theirCategory, victim),
    });
    const random = await product.ask(caller(attacker), query, {
      id: 'prod_none',
      slug: 'no-shoe',
      variantId: 'pvar_none',
      sku: 'NO-SKU',
      categoryId: 'cat_none',
      refs: refs('prod_none', 'pvar_none', 'cat_none', 'org_none'),
    });
    expect(foreign).toEqual(random);
    expect(foreign.data._entities).toEqual([null, null, null, null, null]);
    expect(JSON.stringify(foreign)).not.toContain(victim);
  });

  it('every list has the caller’s own rows only', async () => {
    const { data } = await product.ask(
      caller(attacker),
      '{ products(first: 100) { totalCount nodes { id tenant { id } } } }',
    );
    expect(data.products.totalCount).toBe(1);
    expect(new Set(data.products.nodes.map(({ tenant }: { tenant: { id: string } }) => tenant.id))).toEqual(
      new Set([attacker]),
    );
  });
});

describe('as admin of another store', () => {
  it('every mutation with another store’s id answers NOT_FOUND, as with an unknown one, and changes nothing of theirs', async () => {
    const before = await checksumOfTenant(product.ownerUrl, victim);
    const productCreate = `mutation ($input: ProductCreateInput!) { productCreate(input: $input) { product { id } userErrors { field code message } } }`;
    const categoryCreate = `mutation ($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { id } userErrors { field code message } } }`;
    for (const [query, input] of [
      [productCreate, (categoryId: string) => productInput({ categoryIds: [categoryId] })],
      [categoryCreate, (parentId: string) => ({ name: 'Mine', parentId })],
    ] as const) {
      const foreign = await product.ask(admin(attacker), query, { input: input(theirCategory) });
      const random = await product.ask(admin(attacker), query, { input: input('cat_none') });
      expect(foreign).toEqual(random);
      expect(JSON.stringify(foreign)).toContain('NOT_FOUND');
    }
    expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
  });

  it('a slug and a SKU that only another store has are free', async () => {
    const made = await makeProduct(product, admin(attacker), {
      slug: 'secret-shoe',
      variants: [{ ...productInput().variants[0], sku: theirs.sku }],
    });
    expect(made.slug).toBe('secret-shoe');
  });

  it('another store’s stock can’t be reserved, nor its orders’ stock committed, released or returned', async () => {
    const before = await checksumOfTenant(product.ownerUrl, victim);
    const reserve =
      'mutation ($lines: [StockReserveLine!]!) { stockReserve(orderId: "ord_x", lines: $lines) { userErrors { code } } }';
    const { data } = await product.ask(service(attacker), reserve, {
      lines: [{ variantId: theirs.variantId, quantity: 1 }],
    });
    expect(data.stockReserve.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
    await product.ask(service(attacker), 'mutation { stockRelease(orderId: "ord_victim") { changed } }');
    const committed = await product.ask(service(attacker), 'mutation { stockCommit(orderId: "ord_1") { outcome } }');
    expect(committed.data.stockCommit.outcome).toBe('LOST');
    const giveBack = `mutation ($orderId: ID!, $lines: [StockReturnLine!]!) {
      stockReturn(orderId: $orderId, returnId: "r", lines: $lines) { changed userErrors { code message } } }`;
    const lines = [{ variantId: theirs.variantId, quantity: 1 }];
    const foreign = await product.ask(service(attacker), giveBack, { orderId: 'ord_theirs', lines });
    expect(foreign).toEqual(await product.ask(service(attacker), giveBack, { orderId: 'ord_none', lines }));
    expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
  });
});

describe('a request directly to the port', () => {
  const body = JSON.stringify({ query: '{ products { nodes { id } } }' });
  const post = async (headers: Record<string, string>, text = body) => {
    const response = await fetch(`${product.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    });
    return { status: response.status, text: await response.text() };
  };
  const signed = (audience: 'product' | 'order' = 'product') =>
    signCaller(admin(attacker), audience, body, SIGNING_KEY);

  it.each([
    ['no header', () => ({})],
    [
      'unsigned headers',
      () => ({ 'x-tenant-id': victim, 'x-user-id': 'user_1', 'x-user-role': 'ADMIN', 'x-request-id': 'r' }),
    ],
    ['another tenant in a signed envelope', () => ({ ...signed(), [CALLER_HEADERS.tenantId]: victim })],
    ['another role in a signed envelope', () => ({ ...signed(), [CALLER_HEADERS.role]: 'SERVICE' })],
    ['an envelope for another subgraph', () => signed('order')],
    [
      'an envelope of another key',
      () => signCaller(admin(victim), 'product', body, 'another-key-of-32-characters-and-more'),
    ],
  ])('is refused with %s', async (_name, headers) => {
    const { status, text } = await post(headers());
    expect(status).toBe(401);
    expect(JSON.parse(text).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(text).not.toContain('prod_');
  });

  it.each([
    '{ _service { sdl } }',
    '{ _entities(representations: []) { __typename } }',
    '{ __typename }',
    '{ __schema { types { name } } }',
  ])('is refused %s without an envelope', async (query) => {
    expect((await post({}, JSON.stringify({ query }))).status).toBe(401);
  });

  it('is refused with another query than the signed one', async () => {
    expect((await post(signed(), JSON.stringify({ query: '{ categories { id } }' }))).status).toBe(401);
  });

  it('answers TENANT_REQUIRED to a caller without a store, whatever is asked', async () => {
    for (const query of ['{ products { nodes { id } } }', '{ product(id: "x") { id } }', '{ categories { id } }']) {
      const { data, errors } = await product.ask({ ...visitor(attacker), tenantId: null }, query);
      expect(errors?.[0]?.extensions?.code).toBe('TENANT_REQUIRED');
      expect(JSON.stringify(data ?? null)).not.toContain('prod_');
    }
  });
});
