import { admin, customer, freshTenantId } from '../../shared/test/askSubgraph';
import { countStatements } from '../../shared/test/countStatements';
import { change, makeProduct, productInput } from './factories';
import { startTestSubgraph } from './startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
const tenantId = freshTenantId();
const ids: Record<'Product' | 'ProductVariant' | 'Category', string[]> = {
  Product: [],
  ProductVariant: [],
  Category: [],
};

/** Of each kind a hundred: variants of one product, since they are quickly made. */
beforeAll(async () => {
  product = await startTestSubgraph();
  const values = Array.from({ length: 100 }, (_, n) => String(n));
  const variants = values.map((value) => ({
    ...productInput().variants[0],
    optionValues: [{ option: 'Size', value }],
  }));
  const made = await makeProduct(product, admin(tenantId), { options: [{ name: 'Size', values }], variants });
  const { data } = await product.ask(admin(tenantId), `{ product(id: "${made.id}") { variants { nodes { id } } } }`);
  ids.ProductVariant = data.product.variants.nodes.map(({ id }: { id: string }) => id);
  for (const name of values) {
    const args = { input: 'CategoryCreateInput!' };
    const answer = await change(
      product,
      admin(tenantId),
      'categoryCreate',
      args,
      { input: { name } },
      'category { id }',
    );
    ids.Category.push(answer.category.id);
    ids.Product.push((await makeProduct(product, admin(tenantId))).id);
  }
}, 120_000);
afterAll(() => product.close());

const QUERY = `query ($references: [_Any!]!) { _entities(representations: $references) {
  __typename ... on Product { id name slug priceRange { min { amount } } } ... on ProductVariant { id sku price { amount } }
  ... on Category { id name } } }`;

const references = (typeName: keyof typeof ids, of = ids[typeName]) => of.map((id) => ({ __typename: typeName, id }));

async function resolve(all: { __typename: string; id: string }[], caller = customer(tenantId)) {
  const statements = countStatements();
  const { data, errors } = await product.ask(caller, QUERY, { references: all });
  expect(errors).toBeUndefined();
  return { found: data._entities as ({ __typename: string; id: string } | null)[], statements: statements.stop() };
}

it.each(['Product', 'ProductVariant', 'Category'] as const)(
  'a hundred references to a %s are one statement',
  async (typeName) => {
    const asked = references(typeName);
    const { found, statements } = await resolve(asked);
    expect(found.map((entity) => entity?.id)).toEqual(asked.map(({ id }) => id));
    expect(statements).toBe(1);
  },
);

it('mixed types are a statement each, and everyone keeps their place, the missing and the doubled too', async () => {
  const missing = (typeName: keyof typeof ids) => ({
    __typename: typeName,
    id: `${ids[typeName][0]?.slice(0, -4)}zzzz`,
  });
  const asked = Array.from({ length: 30 }, (_, n) => [
    ...references('Product', ids.Product.slice(n, n + 1)),
    missing('Product'),
    ...references('Category', ids.Category.slice(n, n + 1)),
    ...references('ProductVariant', ids.ProductVariant.slice(n, n + 1)),
    missing('ProductVariant'),
    missing('Category'),
    ...references('Product', ids.Product.slice(0, 1)),
  ]).flat();
  const { found, statements } = await resolve(asked);
  expect(found).toHaveLength(asked.length);
  for (const [at, { __typename, id }] of asked.entries()) {
    expect(found[at] ?? null).toEqual(id.endsWith('zzzz') ? null : expect.objectContaining({ __typename, id }));
  }
  expect(statements).toBe(3);
});

it('what of a hundred products they ask for besides is a statement for all of them', async () => {
  const statements = countStatements();
  const { data } = await product.ask(
    customer(tenantId),
    `query ($references: [_Any!]!) { _entities(representations: $references) { ... on Product {
      variants { nodes { sku } } options { name } images { url } categories { name } metafields { key } } } }`,
    { references: references('Product') },
  );
  expect(data._entities).toHaveLength(100);
  expect(statements.stop()).toBe(6);
});

it('a reference of another store, or to a type with another’s id, is null at its place', async () => {
  const stranger = customer(freshTenantId());
  const asked = [
    ...references('Product', ids.Product.slice(0, 1)),
    { __typename: 'Category', id: ids.Product[0] ?? '' },
    ...references('ProductVariant', ids.ProductVariant.slice(0, 1)),
  ];
  expect((await resolve(asked, stranger)).found).toEqual([null, null, null]);
  expect((await resolve(asked)).found.map((entity) => entity === null)).toEqual([false, true, false]);
});
