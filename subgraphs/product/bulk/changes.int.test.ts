import { admin, freshTenantId, service } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { change, faultsOf } from '../test/factories';
import { jsonLines, startBulk } from './test/bulkJobs';

let product: Awaited<ReturnType<typeof startBulk>>;
beforeAll(async () => {
  product = await startBulk();
});
afterAll(() => product?.close());

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const variant = (reference: string, size: string, changes: object = {}) => ({
  sku: `${reference}-${size}`,
  price: usd('10.00'),
  optionValues: [{ option: 'Size', value: size }],
  quantityOnHand: 3,
  ...changes,
});
const shirt = (reference: string, changes: object = {}) => ({
  externalReference: reference,
  name: `Shirt ${reference}`,
  slug: reference.replaceAll(' ', '-'),
  options: [{ name: 'Size', values: ['S', 'M', 'L'] }],
  variants: ['S', 'M'].map((size) => variant(reference, size)),
  images: [image('1'), image('3')],
  metafields: [metafield('a')],
  ...changes,
});

const image = (name: string, altText: string | null = null) => ({
  url: `https://images.example.com/${name}.jpg`,
  altText,
});
const metafield = (key: string) => ({ namespace: 'care', key, type: 'BOOLEAN', value: 'true', isPublic: true });

const sold = (reference: string, changes: object = {}) => shirt(reference, { status: 'ACTIVE', ...changes });

/** Each change is of another product of the file. */
const CHANGES: Record<string, (reference: string) => object> = {
  nothing: () => ({}),
  name: () => ({ name: 'Renamed', tags: ['a', 'a', 'b'] }),
  slug: (reference) => ({ slug: `${reference}-new` }),
  published: () => ({ status: 'ACTIVE' }),
  price: (reference) => ({ variants: [variant(reference, 'S', { price: usd('99.00') }), variant(reference, 'M')] }),
  order: (reference) => ({ variants: ['M', 'S'].map((size) => variant(reference, size)) }),
  between: (reference) => ({ variants: ['S', 'L', 'M'].map((size) => variant(reference, size)) }),
  added: (reference) => ({ variants: ['S', 'M', 'L'].map((size) => variant(reference, size, { quantityOnHand: 9 })) }),
  gone: (reference) => ({ variants: ['M'].map((size) => variant(reference, size)) }),
  exchanged: (reference) => ({
    variants: [
      { ...variant(reference, 'S'), optionValues: [{ option: 'Size', value: 'M' }] },
      { ...variant(reference, 'M'), optionValues: [{ option: 'Size', value: 'S' }] },
    ],
  }),
  planned: () => ({ status: 'ACTIVE', publishedAt: '2126-01-01T00:00:00.000Z' }),
  seo: () => ({ seo: { title: 'Buy it' } }),
  metafields: () => ({ metafields: [metafield('a'), metafield('b')] }),
  'metafields of a variant': (reference) => ({
    variants: [variant(reference, 'S', { metafields: [metafield('c')] }), variant(reference, 'M')],
  }),
  images: (reference) => ({
    images: [image('2', 'Above'), image('1')],
    variants: [variant(reference, 'S'), variant(reference, 'M', { imagePosition: 0 })],
  }),
  options: (reference) => ({
    options: [{ name: 'Fit', values: ['S', 'M'] }],
    variants: ['S', 'M'].map((value) => ({ ...variant(reference, value), optionValues: [{ option: 'Fit', value }] })),
  }),
};
const before = Object.keys(CHANGES).map((reference) => shirt(reference));
const after = Object.entries(CHANGES).map(([reference, changed]) => shirt(reference, changed(reference)));

/** Everything that a store has, without ids and times. */
async function contentsOf(tenantId: string) {
  const [row] = await asOwner<{ contents: object }>(
    product.ownerUrl,
    tenantId,
    `SELECT jsonb_build_object(
      'products', (SELECT jsonb_agg(to_jsonb(p) - '{tenant_id,id,created_at,updated_at,published_at}'::text[] ORDER BY external_reference) FROM products p),
      'variants', (SELECT jsonb_agg(to_jsonb(v) - '{tenant_id,id,product_id,created_at,updated_at,image_id}'::text[] ORDER BY sku) FROM product_variants v),
      'images', (SELECT jsonb_agg(jsonb_build_array(p.slug, i.position, i.url, i.alt_text,
        (SELECT jsonb_agg(v.sku ORDER BY v.sku) FROM product_variants v WHERE v.image_id = i.id)) ORDER BY p.slug, i.position)
        FROM products p JOIN product_images i ON i.product_id = p.id),
      'metafields', (SELECT jsonb_agg(jsonb_build_array(p.slug, m.namespace, m.key, m.type, m.value, m.is_public) ORDER BY p.slug, m.key)
        FROM products p JOIN product_metafields m ON m.product_id = p.id),
      'variant_metafields', (SELECT jsonb_agg(jsonb_build_array(v.sku, m.namespace, m.key, m.type, m.value, m.is_public) ORDER BY v.sku, m.key)
        FROM product_variants v JOIN product_variant_metafields m ON m.variant_id = v.id),
      'plans', (SELECT jsonb_agg(jsonb_build_array(p.slug, n.due_at) ORDER BY p.slug)
        FROM products p JOIN product_publications n ON n.product_id = p.id),
      'options', (SELECT jsonb_agg(jsonb_build_array(p.slug, o.name, o.values) ORDER BY p.slug, o.position)
        FROM products p JOIN product_options o ON o.product_id = p.id),
      'slugs', (SELECT jsonb_agg(slug ORDER BY slug) FROM product_former_slugs),
      'stock', (SELECT jsonb_agg(jsonb_build_array(v.sku, s.quantity) ORDER BY v.sku)
        FROM stock_movements s JOIN product_variants v ON v.id = s.variant_id),
      'found', (SELECT jsonb_agg(words ORDER BY words) FROM product_search),
      'events', (SELECT jsonb_agg(jsonb_build_array(type, aggregate_version, previous_version, data - 'productId') ORDER BY
        coalesce(data->>'slug', data->>'sku'), aggregate_version, type) FROM outbox_events WHERE type <> 'product.created')
    ) AS contents`,
  );
  return row?.contents;
}

// Unlike productSet, a file can also change how a variant is sold: see fieldChanges.int.test.ts.
it('many products change in one file exactly as each does by productSet', async () => {
  const [byFile, byMutation] = [freshTenantId(), freshTenantId()];
  for (const tenantId of [byFile, byMutation]) await product.importText(tenantId, jsonLines(...before));
  expect(await product.importText(byFile, jsonLines(...after))).toMatchObject({
    updated: after.length - 1,
    unchanged: 1,
    failed: 0,
  });
  for (const { externalReference, ...input } of after) {
    const types = { identifier: 'ProductIdentifierInput!', input: 'ProductSetInput!' };
    const given = { identifier: { externalReference }, input };
    const set = await change(product, admin(byMutation), 'productSet', types, given, 'product { id }');
    expect(faultsOf(set)).toEqual([]);
  }
  const contents = await contentsOf(byFile);
  expect(contents).toEqual(await contentsOf(byMutation));
  expect(contents).toMatchObject({
    slugs: ['slug'],
    plans: [['planned', expect.stringMatching(/^2126/)]],
    variant_metafields: [['metafields of a variant-S', 'care', 'c', 'BOOLEAN', 'true', true]],
    images: expect.arrayContaining([['images', 0, 'https://images.example.com/2.jpg', 'Above', ['images-M']]]),
    events: expect.arrayContaining([['product.published', 2, 2, expect.anything()]]),
  });
});

it('a product that would lose a variant with reserved stock is refused, and the others of its batch are changed', async () => {
  const tenantId = freshTenantId();
  await product.importText(tenantId, jsonLines(sold('a'), sold('b'), sold('c')));
  const { data } = await product.ask(admin(tenantId), '{ productVariant(sku: "b-S") { id } }');
  const lines = `[{ variantId: "${data.productVariant.id}", quantity: 1 }]`;
  await product.ask(
    service(tenantId),
    `mutation { stockReserve(orderId: "ord_1", lines: ${lines}) { userErrors { code } } }`,
  );
  const less = ['a', 'b', 'c'].map((reference) => sold(reference, { variants: [variant(reference, 'M')] }));
  expect(await product.importText(tenantId, jsonLines(...less), 'IGNORE_FAILED')).toMatchObject({
    updated: 2,
    failed: 1,
    errors: [{ line: 2, field: ['variants'], code: 'IN_USE' }],
  });
  const versions = await asOwner(product.ownerUrl, tenantId, 'SELECT slug, version FROM products ORDER BY slug');
  expect(versions).toEqual([
    { slug: 'a', version: 2 },
    { slug: 'b', version: 1 },
    { slug: 'c', version: 2 },
  ]);
});

it('no change is lost, and none fails, while orders take stock and staff change the same products', async () => {
  const tenantId = freshTenantId();
  const references = Array.from({ length: 40 }, (_, n) => `r${String(n).padStart(2, '0')}`);
  await product.importText(tenantId, jsonLines(...references.map((reference) => sold(reference))));
  const rows = await asOwner<{ id: string; variant_id: string }>(
    product.ownerUrl,
    tenantId,
    `SELECT p.id, v.id AS variant_id FROM products p JOIN product_variants v ON v.product_id = p.id AND v.position = 0 ORDER BY p.id DESC`,
  );
  const files = ['11.00', '12.00', '13.00'].map((amount) =>
    jsonLines(
      ...references.map((reference) =>
        sold(reference, { variants: ['S', 'M'].map((size) => variant(reference, size, { price: usd(amount) })) }),
      ),
    ),
  );
  const imports = (async () => {
    const jobs = [];
    for (const file of files) jobs.push(await product.importText(tenantId, file, 'IGNORE_FAILED'));
    return jobs;
  })();
  const others = rows.flatMap(({ id, variant_id: variantId }, n) => [
    product.ask(
      service(tenantId),
      `mutation { stockReserve(orderId: "ord_${n}", lines: [${[variantId, rows[(n + 1) % rows.length]?.variant_id]
        .map((one) => `{ variantId: "${one}", quantity: 1 }`)
        .join()}]) { userErrors { code } } }`,
    ),
    product.ask(
      admin(tenantId),
      `mutation { productUpdate(id: "${id}", input: { seo: { title: "T${n}" } }) { userErrors { code } } }`,
    ),
  ]);
  for (const { data, errors } of await Promise.all(others)) {
    expect(errors).toBeUndefined();
    expect(Object.values(data)).toEqual([{ userErrors: [] }]);
  }
  for (const job of await imports) expect(job).toMatchObject({ status: 'SUCCEEDED', updated: 40, failed: 0 });
  const [sums] = await asOwner(
    product.ownerUrl,
    tenantId,
    `SELECT (SELECT count(*)::int FROM products WHERE version = 5 AND seo_title LIKE 'T%') AS products,
       (SELECT sum(reserved)::int FROM product_variants) AS reserved,
       (SELECT count(*)::int FROM outbox_events WHERE type = 'variant.price_changed') AS prices`,
  );
  expect(sums).toEqual({ products: 40, reserved: 80, prices: 240 });
});
