import { recordEvents } from '../../shared/events/recordEvent';
import { isPriceChange, priceEvent, productEvent } from '../catalog/productEvents';
import { settlePublications } from '../catalog/publication';
import { PRODUCT_COLUMNS } from '../catalog/rowColumns';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';
import { releaseFiles } from '../media/imageRows';
import { replaceMetafields } from '../metafield/metafields';
import { type ProductDifference, sameColumns } from '../products/productDifference';
import { deleteLinks, insertImages, insertLinks, insertOptions } from './productParts';
import { writeVariants } from './writeVariants';

/**
 * Writes what becomes different of locked products, with its versions and its events: one statement a table, however many products
 * there are. @returns the products as they are now, by their ids.
 */
export async function writeDifferences(
  ctx: Context,
  tx: Tx,
  differences: ProductDifference[],
): Promise<Map<string, Product>> {
  if (differences.length === 0) return new Map();
  const { tenantId } = ctx;
  // Between the two steps of the pictures, variants turn from those that go to those that come.
  await addImages(tx, tenantId, differences);
  const versions = await writeVariants(ctx, tx, differences);
  await settleImages(tx, tenantId, differences);
  await writeOptions(tx, tenantId, differences);
  await writeLinks(tx, tenantId, differences);
  const metafields = differences.flatMap(({ before: { id }, metafields: given }) =>
    given ? [{ id, metafields: given }] : [],
  );
  await replaceMetafields(tx, 'product', tenantId, metafields);
  await writeTexts(tx, tenantId, differences);
  const products = await writeProducts(tx, tenantId, differences);
  await keepFormerSlugs(tx, tenantId, differences);
  await tell(tx, tenantId, differences, { products, versions });
  return products;
}

const asRows = (rows: object[]) => JSON.stringify(rows);

/** Those that stay go out of the way first: two pictures of a product never have the same place, not even within a statement. */
async function addImages(tx: Tx, tenantId: string, differences: ProductDifference[]): Promise<void> {
  const changed = differences.flatMap(({ before, images }) => (images ? [{ productId: before.id, ...images }] : []));
  if (changed.length === 0) return;
  await tx.$executeRaw`
    UPDATE product_images SET position = -1 - position
    WHERE tenant_id = ${tenantId} AND product_id = ANY (${changed.map(({ productId }) => productId)}::text[])`;
  const added = changed.flatMap(({ productId, wanted }) =>
    wanted.flatMap(({ isNew, id, url, altText }, position) =>
      isNew ? [{ id, productId, position, url, altText }] : [],
    ),
  );
  await insertImages(tx, tenantId, added);
}

async function settleImages(tx: Tx, tenantId: string, differences: ProductDifference[]): Promise<void> {
  const changed = differences.flatMap(({ images }) => images ?? []);
  const gone = changed.flatMap((images) => images.gone);
  const kept = changed.flatMap(({ wanted }) =>
    wanted.flatMap(({ isNew, id, altText }, position) => (isNew ? [] : [{ id, position, altText }])),
  );
  if (gone.length > 0) {
    await releaseFiles(tx, tenantId, { id: { in: gone } });
    await tx.$executeRaw`DELETE FROM product_images WHERE tenant_id = ${tenantId} AND id = ANY (${gone}::text[])`;
  }
  if (kept.length === 0) return;
  await tx.$executeRaw`
    UPDATE product_images i SET position = kept.position, alt_text = kept."altText"
    FROM jsonb_to_recordset(${asRows(kept)}::jsonb) AS kept (id text, position int, "altText" text)
    WHERE i.tenant_id = ${tenantId} AND i.id = kept.id`;
}

/** Nothing refers to these rows, so all of a product's are written anew. */
async function writeOptions(tx: Tx, tenantId: string, differences: ProductDifference[]): Promise<void> {
  const changed = differences.flatMap(({ before: { id }, options }) => (options ? [{ id, options }] : []));
  if (changed.length === 0) return;
  const ids = changed.map(({ id }) => id);
  await tx.$executeRaw`DELETE FROM product_options WHERE tenant_id = ${tenantId} AND product_id = ANY (${ids}::text[])`;
  await insertOptions(tx, tenantId, changed);
}

async function writeLinks(tx: Tx, tenantId: string, differences: ProductDifference[]): Promise<void> {
  const linksOf = (which: 'gone' | 'added') =>
    differences.flatMap(({ before: { id: productId }, categoryIds }) =>
      (categoryIds?.[which] ?? []).map((categoryId) => ({ productId, categoryId })),
    );
  await deleteLinks(tx, tenantId, linksOf('gone'));
  await insertLinks(tx, tenantId, linksOf('added'));
}

/** A statement of its own: naming these columns has the product's search document made anew. */
async function writeTexts(tx: Tx, tenantId: string, differences: ProductDifference[]): Promise<void> {
  const textsOf = ({ name, vendor, productType, tags, description }: Product) => ({
    name,
    vendor,
    productType,
    tags,
    description,
  });
  const changed = differences
    .filter(({ before, after }) => !sameColumns(textsOf(before), textsOf(after)))
    .map(({ after }) => ({ id: after.id, ...textsOf(after) }));
  if (changed.length === 0) return;
  await tx.$executeRaw`
    UPDATE products p SET name = given.name, vendor = given.vendor, product_type = given."productType", tags = given.tags,
      description = given.description
    FROM jsonb_to_recordset(${asRows(changed)}::jsonb)
      AS given (id text, name text, vendor text, "productType" text, tags text[], description text)
    WHERE p.tenant_id = ${tenantId} AND p.id = given.id`;
}

async function writeProducts(
  tx: Tx,
  tenantId: string,
  differences: ProductDifference[],
): Promise<Map<string, Product>> {
  const rows = differences.map(({ after, publishesNow }) => {
    const { id, slug, status, publishedAt, seoTitle, seoDescription, externalReference, currencyCode } = after;
    const prices = {
      minPriceAmount: String(after.minPriceAmount),
      maxPriceAmount: String(after.maxPriceAmount),
      currencyCode,
    };
    return { id, slug, status, publishedAt, publishesNow, seoTitle, seoDescription, externalReference, ...prices };
  });
  // The moment is cut and not rounded to what the column holds: never one that is still to come.
  const written = await tx.$queryRaw<Product[]>`
    UPDATE products p SET version = p.version + 1, updated_at = now(), slug = given.slug, status = given.status,
      published_at = CASE WHEN given."publishesNow" THEN date_trunc('milliseconds', now()) ELSE given."publishedAt" END,
      seo_title = given."seoTitle", seo_description = given."seoDescription", external_reference = given."externalReference",
      min_price_amount = given."minPriceAmount", max_price_amount = given."maxPriceAmount", currency_code = given."currencyCode"
    FROM jsonb_to_recordset(${asRows(rows)}::jsonb) AS given (id text, slug text, status "ProductStatus",
      "publishedAt" timestamptz, "publishesNow" boolean, "seoTitle" text, "seoDescription" text, "externalReference" text,
      "minPriceAmount" bigint, "maxPriceAmount" bigint, "currencyCode" text)
    WHERE p.tenant_id = ${tenantId} AND p.id = given.id
    RETURNING ${PRODUCT_COLUMNS}`;
  return new Map(written.map((product) => [product.id, product]));
}

/** Only after the new slugs were written, behind their unique index: nobody else can take one, nor have had it since. */
async function keepFormerSlugs(tx: Tx, tenantId: string, differences: ProductDifference[]): Promise<void> {
  const moved = differences.filter(({ before, after }) => before.slug !== after.slug);
  if (moved.length === 0) return;
  const slugs = moved.flatMap(({ before, after }) => [before.slug, after.slug]);
  await tx.$executeRaw`DELETE FROM product_former_slugs WHERE tenant_id = ${tenantId} AND slug = ANY (${slugs}::text[])`;
  const former = moved.map(({ before: { id, slug } }) => ({ id, slug }));
  await tx.$executeRaw`
    INSERT INTO product_former_slugs (tenant_id, slug, product_id)
    SELECT ${tenantId}, slug, id FROM jsonb_to_recordset(${asRows(former)}::jsonb) AS former (id text, slug text)`;
}

async function tell(
  tx: Tx,
  tenantId: string,
  differences: ProductDifference[],
  { products, versions }: { products: Map<string, Product>; versions: Map<string, number> },
): Promise<void> {
  const published = await settlePublications(tx, tenantId, [...products.keys()]);
  await recordEvents(
    tx,
    differences.flatMap(({ before: { id }, variants }) => {
      const product = products.get(id);
      if (!product) throw new Error('A locked product is gone');
      return [
        productEvent('product.updated', product),
        ...(published.has(id) ? [productEvent('product.published', product)] : []),
        ...(variants?.changed ?? []).flatMap(({ before, after }) =>
          isPriceChange(before, after) ? [priceEvent({ ...after, before, version: versions.get(after.id) ?? 0 })] : [],
        ),
      ];
    }),
  );
}
