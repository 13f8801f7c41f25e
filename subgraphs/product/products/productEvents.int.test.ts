import { createLogger } from '../../shared/log';
import { admin, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { recordPlannedPublications } from '../catalog/plannedPublications';
import { openProductDatabase } from '../database';
import { change, makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
let database: Awaited<ReturnType<typeof openProductDatabase>>;

beforeAll(async () => {
  product = await startTestSubgraph();
  database = await openProductDatabase(product.appUrl, 4);
});
afterAll(async () => {
  await database?.close();
  await product?.close();
});

interface Told {
  type: string;
  id: string;
  version: number;
  data: Record<string, unknown>;
}

/** The store's recorded events, in order. */
const told = (tenantId: string) =>
  asOwner<Told>(
    product.ownerUrl,
    tenantId,
    'SELECT type, aggregate_id AS id, aggregate_version::int AS version, data FROM outbox_events ORDER BY position',
  );
const typesTold = async (tenantId: string) => (await told(tenantId)).map(({ type, version }) => `${type} ${version}`);

const productUpdate = (tenantId: string, id: string, input: object) =>
  change(
    product,
    admin(tenantId),
    'productUpdate',
    { id: 'ID!', input: 'ProductUpdateInput!' },
    { id, input },
    'product { version }',
  );
const recordPublicationEvent = () => recordPlannedPublications(database.db, createLogger('test', 'silent'));

it('a refused change records no event', async () => {
  const tenantId = freshTenantId();
  const { id } = await makeProduct(product, admin(tenantId), { status: 'DRAFT' });
  const before = await told(tenantId);
  await productUpdate(tenantId, id, { name: 'B', categoryIds: ['cat_none'] });
  await productUpdate(tenantId, id, { name: 'B', expectedVersion: 9 });
  await productUpdate(tenantId, 'prod_none', { name: 'B' });
  expect(await told(tenantId)).toEqual(before);
});

it('every change of a product records an event with its version, from creation to deletion', async () => {
  const tenantId = freshTenantId();
  const { id, slug, variantId } = await makeProduct(product, admin(tenantId), { name: 'Air', status: 'DRAFT' });
  await productUpdate(tenantId, id, { status: 'ACTIVE' });
  await productUpdate(tenantId, id, { vendor: 'Nike' });
  await productUpdate(tenantId, id, { status: 'ARCHIVED' });
  await productUpdate(tenantId, id, { status: 'ACTIVE' });
  await product.ask(admin(tenantId), `mutation { productDelete(id: "${id}") { userErrors { code } } }`);
  expect(await typesTold(tenantId)).toEqual([
    'product.created 1',
    'product.updated 2',
    'product.published 2',
    'product.updated 3',
    'product.updated 4',
    'product.updated 5',
    'product.published 5',
    'product.deleted 6',
  ]);
  const events = await told(tenantId);
  expect(events[1]).toMatchObject({ id, data: { name: 'Air', slug, status: 'ACTIVE' } });
  expect(events.at(-1)).toMatchObject({ id, data: { variantIds: [variantId] } });
});

it('a price event is recorded when the price changes, and only then', async () => {
  const tenantId = freshTenantId();
  const { id, variantId, sku } = await makeProduct(product, admin(tenantId));
  const variantUpdate = (input: object) =>
    change(
      product,
      admin(tenantId),
      'productVariantUpdate',
      { id: 'ID!', input: 'ProductVariantUpdateInput!' },
      { id: variantId, input },
      'productVariant { version }',
    );
  await variantUpdate({ price: { amount: '150', currencyCode: 'USD' }, barcode: '1' });
  await variantUpdate({ price: { amount: '99.5', currencyCode: 'USD' } });
  await change(
    product,
    admin(tenantId),
    'productSet',
    { identifier: 'ProductIdentifierInput!', input: 'ProductSetInput!' },
    { identifier: { id }, input: { variants: [{ sku, price: { amount: '80', currencyCode: 'USD' } }] } },
    'product { version }',
  );
  const changes = (await told(tenantId)).filter(({ type }) => type === 'variant.price_changed');
  const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
  expect(changes).toEqual([
    {
      type: 'variant.price_changed',
      id: variantId,
      version: 3,
      data: { productId: id, sku, price: usd('99.50'), previousPrice: usd('150.00') },
    },
    {
      type: 'variant.price_changed',
      id: variantId,
      version: 4,
      data: { productId: id, sku, price: usd('80.00'), previousPrice: usd('99.50') },
    },
  ]);
});

describe('a planned publication', () => {
  const planned = () => new Date(Date.now() + 3_600_000).toISOString();
  /** As if its hour were over. */
  const letPass = async (tenantId: string) => {
    const sql = "UPDATE products SET published_at = now() - interval '1 second' WHERE published_at > now()";
    await asOwner(product.ownerUrl, tenantId, sql);
    await asOwner(product.ownerUrl, tenantId, "UPDATE product_publications SET due_at = now() - interval '1 second'");
  };

  it('is recorded once when it is due, by any number of processes', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId), { publishedAt: planned() });
    await recordPublicationEvent();
    expect(await typesTold(tenantId)).toEqual(['product.created 1']);
    await letPass(tenantId);
    await Promise.all([recordPublicationEvent(), recordPublicationEvent(), recordPublicationEvent()]);
    expect(await typesTold(tenantId)).toEqual(['product.created 1', 'product.published 1']);
    await productUpdate(tenantId, id, { vendor: 'Nike' });
    expect(await typesTold(tenantId)).toEqual(['product.created 1', 'product.published 1', 'product.updated 2']);
  });

  it('is recorded by a change that comes after it was due, and not again', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId), { publishedAt: planned() });
    // Out of the list of what is due, so that no process comes before the change.
    await asOwner(product.ownerUrl, tenantId, 'DELETE FROM product_publications');
    await letPass(tenantId);
    await productUpdate(tenantId, id, { vendor: 'Nike' });
    await recordPublicationEvent();
    expect(await typesTold(tenantId)).toEqual(['product.created 1', 'product.updated 2', 'product.published 2']);
  });

  it('that was canceled is not recorded', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeProduct(product, admin(tenantId), { publishedAt: planned() });
    await productUpdate(tenantId, id, { publishedAt: null });
    await letPass(tenantId);
    await recordPublicationEvent();
    expect(await typesTold(tenantId)).toEqual(['product.created 1', 'product.updated 2']);
  });
});
