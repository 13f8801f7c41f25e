import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { change, faultsOf } from '../test/factories';
import { type Format, jsonLines, startBulk } from './test/bulkJobs';
import { FULL, FULL_CATEGORIES } from './test/fullProduct';

let product: Awaited<ReturnType<typeof startBulk>>;
beforeAll(async () => {
  product = await startBulk();
});
afterAll(() => product?.close());

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const plain = (reference: string, changes: object = {}) => ({
  name: `Plain ${reference}`,
  variants: [{ sku: `SKU-${reference}`, price: usd('10.00'), quantityOnHand: 3 }],
  ...changes,
});

async function makeStore() {
  const tenantId = freshTenantId();
  const categoryIds: string[] = [];
  for (const name of FULL_CATEGORIES) {
    const query = `mutation { categoryCreate(input: { name: "${name}" }) { category { id slug } } }`;
    const { data } = await product.ask(admin(tenantId), query);
    categoryIds.push(data.categoryCreate.category.id);
  }
  return { tenantId, categoryIds };
}

async function setFull(tenantId: string, categoryIds: string[]) {
  const { externalReference, categories: _, ...input } = FULL;
  const types = { identifier: 'ProductIdentifierInput!', input: 'ProductSetInput!' };
  const given = { identifier: { externalReference }, input: { ...input, categoryIds } };
  expect(faultsOf(await change(product, admin(tenantId), 'productSet', types, given, 'product { id }'))).toEqual([]);
}

/** With a product of all fields, one without a reference, and each that shoppers do not see although it may be ACTIVE. */
async function filledStore() {
  const { tenantId, categoryIds } = await makeStore();
  await setFull(tenantId, categoryIds);
  const others = [
    plain('named-by-id'),
    plain('unpublished', { status: 'ACTIVE', publishedAt: null }),
    plain('planned', { status: 'ACTIVE', publishedAt: '2126-01-01T00:00:00Z' }),
    plain('now', { status: 'ACTIVE' }),
    plain('archived', { status: 'ARCHIVED' }),
  ];
  for (const input of others) {
    const made = await change(
      product,
      admin(tenantId),
      'productCreate',
      { input: 'ProductCreateInput!' },
      { input },
      'product { id }',
    );
    expect(faultsOf(made)).toEqual([]);
  }
  return tenantId;
}

const versionsOf = (tenantId: string) =>
  asOwner(
    product.ownerUrl,
    tenantId,
    `SELECT slug, version, (SELECT json_agg(json_build_array(v.version, v.stock_version)) FROM product_variants v WHERE v.product_id = p.id) AS variants
     FROM products p ORDER BY slug`,
  );
const eventsOf = (tenantId: string) =>
  asOwner(
    product.ownerUrl,
    tenantId,
    `SELECT type, data FROM outbox_events WHERE type LIKE 'product.%' ORDER BY data->>'slug', type`,
  );
const plansOf = (tenantId: string) =>
  asOwner(
    product.ownerUrl,
    tenantId,
    'SELECT slug, due_at FROM product_publications JOIN products p ON p.id = product_id ORDER BY slug',
  );
const shopWindowOf = async (tenantId: string) => {
  const { data } = await product.ask(
    visitor(tenantId),
    `{ products(sortKey: NAME) { nodes { name slug description seo { title description } images { url altText } categories { slug }
      metafields { namespace key type value } variants { nodes { sku availableForSale image { url } compareAtPrice { amount } weightGrams
        metafields { namespace key type value } } } } } }`,
  );
  return data.products.nodes;
};

it('an export has every field that productSet has written', async () => {
  const { tenantId, categoryIds } = await makeStore();
  await setFull(tenantId, categoryIds);
  expect(JSON.parse(await product.exportText(tenantId, 'JSONL'))).toEqual(FULL);
});

describe.each(['CSV', 'JSONL'] as const)('productsExport as %s', (format: Format) => {
  it('changes nothing when the same store imports it', async () => {
    const tenantId = await filledStore();
    const [text, versions] = [await product.exportText(tenantId, format), await versionsOf(tenantId)];
    for (const policy of ['REJECT_EVERYTHING', 'IGNORE_FAILED'] as const) {
      expect(await product.importText(tenantId, text, policy, format)).toMatchObject({
        created: 0,
        updated: 0,
        unchanged: 6,
        failed: 0,
      });
    }
    expect(await versionsOf(tenantId)).toEqual(versions);
    expect(await product.exportText(tenantId, format)).toBe(text);
  });

  it('makes another store equal, also for its shoppers', async () => {
    const [from, { tenantId: to }, other] = [await filledStore(), await makeStore(), freshTenantId()];
    await product.importText(other, jsonLines({ externalReference: 'not-mine', ...plain('not-mine') }));
    const text = await product.exportText(from, format);
    expect(text).not.toContain('not-mine');
    expect(await product.importText(to, text, 'REJECT_EVERYTHING', format)).toMatchObject({ created: 6, failed: 0 });
    expect(await product.exportText(to, format)).toBe(text);
    expect(await shopWindowOf(to)).toEqual(await shopWindowOf(from));
    expect(await shopWindowOf(to)).toHaveLength(2);
    expect(await eventsOf(to)).toEqual(await eventsOf(from));
    expect(await plansOf(to)).toEqual(await plansOf(from));
    expect(await plansOf(to)).toHaveLength(1);
  });

  it('can be downloaded from its own store’s address only', async () => {
    const [mine, other] = [freshTenantId(), freshTenantId()];
    await product.importText(mine, jsonLines({ externalReference: 'a', ...plain('a') }));
    const url = await product.exportUrl(mine, format);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace(mine, other))).status).toBe(404);
  });

  it('leaves out stock for callers who may not see it, and importing it changes no stock', async () => {
    const tenantId = await filledStore();
    const text = await product.exportText(tenantId, format, { permissions: ['products:read', 'products:manage'] });
    const stock = format === 'CSV' ? /,7,CONTINUE,3,/ : /"quantityOnHand"|"lowStockThreshold"/;
    expect(text).not.toMatch(stock);
    expect(await product.exportText(tenantId, format)).toMatch(stock);
    expect(await product.importText(tenantId, text, 'REJECT_EVERYTHING', format)).toMatchObject({ unchanged: 6 });
  });
});

it('a CSV export fails when there are more metafields than columns allowed, and JSON Lines has them all', async () => {
  const tenantId = freshTenantId();
  const records = Array.from({ length: 21 }, (_, n) => ({
    externalReference: `r${n}`,
    ...plain(`r${n}`, {
      metafields: Array.from({ length: 50 }, (_one, m) => ({
        namespace: `n${n}`,
        key: `k${m}`,
        type: 'BOOLEAN',
        value: 'true',
      })),
    }),
  }));
  expect(await product.importText(tenantId, jsonLines(...records))).toMatchObject({ created: 21 });
  await expect(product.exportUrl(tenantId, 'CSV')).rejects.toThrow('more than 1000 different metafields');
  expect((await product.exportText(tenantId, 'JSONL')).match(/"BOOLEAN"/g)).toHaveLength(21 * 50);
});
