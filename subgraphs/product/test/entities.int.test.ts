import { customer, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { countStatements } from '../../shared/test/countStatements';
import { startSubgraphHere } from './startSubgraphHere';

let product: Awaited<ReturnType<typeof startSubgraphHere>>;
const tenantId = freshTenantId();
const numbered = (prefix: string) => Array.from({ length: 100 }, (_, n) => `${prefix}_${n}`);
const ids = { Product: numbered('prod'), ProductVariant: numbered('pvar'), Category: numbered('cat') };

/** A hundred of each, written in few statements. */
const ROWS = `
  WITH n AS (SELECT generate_series(0, 99) AS n), product AS (
    INSERT INTO products (tenant_id, id, name, slug, status, published_at, currency_code, updated_at)
    SELECT $1, 'prod_' || n, 'Shoe ' || n, 'shoe-' || n, 'ACTIVE', now(), 'USD', now() FROM n
  ), variant AS (
    INSERT INTO product_variants (tenant_id, id, product_id, sku, position, price_amount, currency_code, option_values, updated_at)
    SELECT $1, 'pvar_' || n, 'prod_' || n, 'SKU-' || n, 0, 100, 'USD', '[]', now() FROM n
  )
  INSERT INTO categories (tenant_id, id, name, slug, updated_at) SELECT $1, 'cat_' || n, 'Category ' || n, 'category-' || n, now() FROM n`;

beforeAll(async () => {
  product = await startSubgraphHere();
  await asOwner(product.ownerUrl, tenantId, ROWS, [tenantId]);
});
afterAll(() => product?.close());

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

it('mixed types take one statement each, and the answer keeps the order, with missing and repeated references', async () => {
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

it('each further field of a hundred products takes one statement for all of them', async () => {
  const statements = countStatements();
  const { data } = await product.ask(
    customer(tenantId),
    `query ($references: [_Any!]!) { _entities(representations: $references) { ... on Product {
      variants { nodes { sku } } availableForSale options { name } images { url } featuredImage { url } categories { name } metafields { key } } } }`,
    { references: references('Product') },
  );
  expect(data._entities).toHaveLength(100);
  expect(statements.stop()).toBe(7);
});

it('a reference to another store’s object, or with another type’s id, is null in its position', async () => {
  const stranger = customer(freshTenantId());
  const asked = [
    ...references('Product', ids.Product.slice(0, 1)),
    { __typename: 'Category', id: ids.Product[0] ?? '' },
    ...references('ProductVariant', ids.ProductVariant.slice(0, 1)),
  ];
  expect((await resolve(asked, stranger)).found).toEqual([null, null, null]);
  expect((await resolve(asked)).found.map((entity) => entity === null)).toEqual([false, true, false]);
});
