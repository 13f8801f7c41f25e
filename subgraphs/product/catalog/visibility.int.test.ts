import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, member, service, visitor } from '../../shared/test/askSubgraph';
import { publishSettings } from '../../shared/test/publishStoreEvents';
import { change, type MadeProduct, makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

interface Shown extends MadeProduct {
  tenantId: string;
  categoryId: string;
  topCategoryId: string;
  formerSlug: string;
}

const HOUR = 3_600_000;
const inAnHour = () => new Date(Date.now() + HOUR).toISOString();

/** Whether shoppers see a product that was made so. */
const STATES: [string, () => Record<string, unknown>, boolean][] = [
  ['a draft', () => ({ status: 'DRAFT' }), false],
  ['a draft with a date of publication', () => ({ status: 'DRAFT', publishedAt: '2020-01-01T00:00:00Z' }), false],
  ['an archived product', () => ({ status: 'ARCHIVED', publishedAt: '2020-01-01T00:00:00Z' }), false],
  ['an active product that is not published', () => ({ publishedAt: null }), false],
  ['an active product that is published later', () => ({ publishedAt: inAnHour() }), false],
  ['an active product', () => ({}), true],
  ['an active product that was published in the past', () => ({ publishedAt: '2020-01-01T00:00:00Z' }), true],
];

const entities = (references: object[]) => ({
  query: `query ($references: [_Any!]!) { _entities(representations: $references) {
    ... on Product { id } ... on ProductVariant { product { id } } ... on Tenant { products { nodes { id } totalCount } } } }`,
  variables: { references },
});

/** By way of reaching a product: what to ask, and whether the answer shows it. */
const PATHS: [string, (shown: Shown) => { query: string; variables?: Record<string, unknown> }][] = [
  ['product by id', ({ id }) => ({ query: `{ product(id: "${id}") { id } }` })],
  ['product by slug', ({ slug }) => ({ query: `{ product(slug: "${slug}") { id } }` })],
  ['product by a former slug', ({ formerSlug }) => ({ query: `{ product(slug: "${formerSlug}") { id } }` })],
  ['variant by id', ({ variantId }) => ({ query: `{ productVariant(id: "${variantId}") { product { id } } }` })],
  ['variant by SKU', ({ sku }) => ({ query: `{ productVariant(sku: "${sku}") { product { id } } }` })],
  [
    'variants by SKU',
    ({ sku }) => ({ query: `{ productVariants(where: { skus: ["${sku}"] }) { nodes { product { id } } } }` }),
  ],
  ['list', () => ({ query: '{ products { nodes { id } } }' })],
  ['list by id', ({ id }) => ({ query: `{ products(where: { ids: ["${id}"] }) { nodes { id } } }` })],
  [
    'list, backwards',
    () => ({ query: '{ products(last: 5, sortKey: NAME, reverse: true) { edges { node { id } cursor } } }' }),
  ],
  [
    'list with a filter by status',
    () => ({ query: '{ products(where: { statuses: [DRAFT, ACTIVE, ARCHIVED] }) { nodes { id } } }' }),
  ],
  ['category', ({ categoryId }) => ({ query: `{ category(id: "${categoryId}") { products { nodes { id } } } }` })],
  [
    'category with those below it',
    ({ topCategoryId }) => ({
      query: `{ category(id: "${topCategoryId}") { products(includeDescendants: true) { nodes { id } } } }`,
    }),
  ],
  [
    'list with a filter by category',
    ({ categoryId }) => ({ query: `{ products(where: { categoryId: "${categoryId}" }) { nodes { id } } }` }),
  ],
  ['tree of categories', () => ({ query: '{ categories { children { products { nodes { id } } } } }' })],
  ['product reference', ({ id }) => entities([{ __typename: 'Product', id }])],
  ['variant reference', ({ variantId }) => entities([{ __typename: 'ProductVariant', id: variantId }])],
  ['store reference', ({ tenantId }) => entities([{ __typename: 'Tenant', id: tenantId }])],
];
const COUNTS = `query ($categoryId: ID!) { products { totalCount } filtered: products(where: { categoryId: $categoryId }) { totalCount }
  category(id: $categoryId) { products(includeDescendants: true) { totalCount } } }`;

async function makeShown(changes: Record<string, unknown>): Promise<Shown> {
  const tenantId = freshTenantId();
  const category = async (name: string, parentId: string | null) => {
    const input = { input: { name, parentId } };
    const args = { input: 'CategoryCreateInput!' };
    return (await change(product, admin(tenantId), 'categoryCreate', args, input, 'category { id }')).category.id;
  };
  const topCategoryId = await category('Shoes', null);
  const categoryId = await category('Running', topCategoryId);
  const made = await makeProduct(product, admin(tenantId), { ...changes, categoryIds: [categoryId] });
  const slug = `${made.slug}-moved`;
  const args = { id: 'ID!', input: 'ProductUpdateInput!' };
  await change(product, admin(tenantId), 'productUpdate', args, { id: made.id, input: { slug } }, 'product { id }');
  return { ...made, slug, formerSlug: made.slug, tenantId, categoryId, topCategoryId };
}

const answerTo = async (caller: Caller, { query, variables }: ReturnType<(typeof PATHS)[number][1]>) => {
  const { data, errors } = await product.ask(caller, query, variables);
  expect(errors).toBeUndefined();
  return JSON.stringify(data);
};

describe.each(STATES)('%s', (_state, changes, isShown) => {
  let shown: Shown;
  beforeAll(async () => {
    shown = await makeShown(changes());
  });

  it.each(PATHS)(
    `is ${isShown ? '' : 'not '}shown to visitors and customers by: %s; staff see it`,
    async (_path, ask) => {
      for (const caller of [visitor(shown.tenantId), customer(shown.tenantId)]) {
        const answer = await answerTo(caller, ask(shown));
        if (isShown) expect(answer).toContain(shown.id);
        else for (const secret of [shown.id, shown.variantId]) expect(answer).not.toContain(secret);
      }
      expect(await answerTo(member(shown.tenantId), ask(shown))).toContain(shown.id);
    },
  );

  it('is counted for those who see it', async () => {
    const count = async (caller: Caller) => {
      const { data } = await product.ask(caller, COUNTS, { categoryId: shown.categoryId });
      return [data.products.totalCount, data.filtered.totalCount, data.category.products.totalCount];
    };
    expect(await count(visitor(shown.tenantId))).toEqual(Array(3).fill(isShown ? 1 : 0));
    expect(await count(member(shown.tenantId))).toEqual([1, 1, 1]);
  });

  it(`can ${isShown ? '' : 'not '}be bought`, async () => {
    const { data } = await product.ask(
      service(shown.tenantId),
      `mutation { stockReserve(orderId: "ord_1", lines: [{ variantId: "${shown.variantId}", quantity: 1 }]) { userErrors { code } } }`,
    );
    expect(data.stockReserve.userErrors).toEqual(isShown ? [] : [{ code: 'NOT_FOUND' }]);
  });
});

it('a visitor with a staff member’s cursor of a draft gets only visible products, and nothing of the draft', async () => {
  const tenantId = freshTenantId();
  for (const [name, status] of [
    ['A', 'ACTIVE'],
    ['B', 'DRAFT'],
    ['C', 'ACTIVE'],
  ]) {
    await makeProduct(product, admin(tenantId), { name, status });
  }
  const list =
    'query ($after: String, $before: String) { products(after: $after, before: $before, sortKey: NAME) { edges { node { name } cursor } } }';
  const names = async (caller: Caller, page: Record<string, string> = {}) => {
    const { data } = await product.ask(caller, list, page);
    return data.products.edges.map(({ node }: { node: { name: string } }) => node.name).join('');
  };
  const seen = (await product.ask(admin(tenantId), list)).data.products.edges;
  expect(await names(visitor(tenantId), { after: seen[1].cursor })).toBe('C');
  expect(await names(visitor(tenantId), { before: seen[1].cursor })).toBe('A');
  expect(await names(visitor(tenantId))).toBe('AC');
});

it('a product that is archived disappears with the next request', async () => {
  const tenantId = freshTenantId();
  const { id } = await makeProduct(product, admin(tenantId));
  const query = `{ product(id: "${id}") { id } }`;
  expect((await product.ask(visitor(tenantId), query)).data.product).not.toBeNull();
  const args = { id: 'ID!', input: 'ProductUpdateInput!' };
  await change(
    product,
    admin(tenantId),
    'productUpdate',
    args,
    { id, input: { status: 'ARCHIVED' } },
    'product { id }',
  );
  expect((await product.ask(visitor(tenantId), query)).data.product).toBeNull();
});

describe('exact stock in a store that hides it', () => {
  const STOCK = 'quantityAvailable availableForSale';
  const paths = ({ id, slug, variantId, sku }: MadeProduct, categoryId: string): string[] => [
    `{ productVariant(id: "${variantId}") { ${STOCK} } }`,
    `{ productVariant(sku: "${sku}") { ${STOCK} } }`,
    `{ product(slug: "${slug}") { variants { nodes { ${STOCK} } } } }`,
    `{ products(where: { availableForSale: true }, query: "${sku}") { nodes { variants { nodes { ${STOCK} } } } facets { prices { count } } } }`,
    `{ category(id: "${categoryId}") { products { nodes { variants { nodes { ${STOCK} } } } } } }`,
    `{ _entities(representations: [{ __typename: "ProductVariant", id: "${variantId}" }]) { ... on ProductVariant { ${STOCK} } } }`,
    `{ _entities(representations: [{ __typename: "Product", id: "${id}" }]) { ... on Product { variants { nodes { ${STOCK} } } } } }`,
  ];

  it('is null for shoppers on every path, who still see that it can be bought; staff and services see it', async () => {
    const tenantId = freshTenantId();
    const make = 'mutation { categoryCreate(input: { name: "All" }) { category { id } } }';
    const categoryId = (await product.ask(admin(tenantId), make)).data.categoryCreate.category.id;
    const made = await makeProduct(product, admin(tenantId), {
      categoryIds: [categoryId],
      variants: [{ sku: 'SECRET-1', price: { amount: '1', currencyCode: 'USD' }, quantityOnHand: 987_654 }],
    });
    const shown = async (caller: Caller) =>
      Promise.all(
        paths(made, categoryId).map(async (query) => {
          const { data, errors } = await product.ask(caller, query);
          const text = JSON.stringify([data, errors]);
          return [text.includes('987654'), text.includes('"availableForSale":true')];
        }),
      );
    const all = (isShown: boolean) => paths(made, categoryId).map(() => [isShown, true]);
    const shoppers = [visitor(tenantId), customer(tenantId)];
    for (const caller of shoppers) expect(await shown(caller)).toEqual(all(true));
    await publishSettings({ url: product.url, name: 'product' }, tenantId, { showExactStock: false });
    for (const caller of shoppers) expect(await shown(caller)).toEqual(all(false));
    const forACart = { ...service(tenantId), permissions: [] };
    for (const caller of [admin(tenantId), member(tenantId), service(tenantId), forACart]) {
      expect(await shown(caller)).toEqual(all(true));
    }
  });

  it('is not revealed by the error of an order for more, either', async () => {
    const tenantId = freshTenantId();
    const { variantId } = await makeProduct(product, admin(tenantId), {
      variants: [{ sku: 'A', price: { amount: '1', currencyCode: 'USD' }, quantityOnHand: 987_654 }],
    });
    const { data } = await product.ask(
      service(tenantId),
      `mutation { stockReserve(orderId: "ord_1", lines: [{ variantId: "${variantId}", quantity: 987655 }]) { userErrors { code message } } }`,
    );
    expect(data.stockReserve.userErrors).toEqual([
      { code: 'INSUFFICIENT_STOCK', message: 'Fewer are left than were asked for.' },
    ]);
  });
});
