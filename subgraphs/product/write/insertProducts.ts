import { recordEvents } from '../../shared/events/recordEvent';
import type { Addition } from '../bulk/importedProduct';
import { productEvent } from '../catalog/productEvents';
import { productColumns } from '../catalog/productFields';
import type { Context } from '../context';
import type { Tx } from '../database';
import { insertMetafields } from '../metafield/metafields';
import { priceRangeOf } from './priceRange';
import { insertImages, insertLinks, insertOptions } from './productParts';
import { insertVariantRows } from './variantRows';

/**
 * As productCreate, for many products: one statement for each table, however many there are. The rows go as one value: a
 * statement is the same for any of them, and nothing is made of it anew for each batch.
 */
export async function insertProducts(ctx: Context, tx: Tx, additions: Addition[]): Promise<void> {
  if (additions.length === 0) return;
  const { tenantId } = ctx;
  const products = additions.map(({ id, slug, input, variants }) => {
    const { minPriceAmount, maxPriceAmount, currencyCode } = priceRangeOf(variants);
    const range = { minPriceAmount: String(minPriceAmount), maxPriceAmount: String(maxPriceAmount), currencyCode };
    // ACTIVE publishes at once, unless the file says otherwise.
    const publishesNow = input.status === 'ACTIVE' && input.publishedAt === undefined;
    return {
      ...productColumns(input),
      ...range,
      id,
      slug,
      name: input.name.trim(),
      status: input.status,
      publishesNow,
    };
  });
  // The moment is cut and not rounded to what the column holds: never one that is still to come.
  const published = await tx.$queryRaw<{ id: string }[]>`
    WITH added AS (
      INSERT INTO products (tenant_id, id, name, slug, description, vendor, product_type, tags, status, external_reference,
        seo_title, seo_description, min_price_amount, max_price_amount, currency_code, published_at, is_announced, updated_at)
      SELECT ${tenantId}, id, name, slug, coalesce(description, ''), coalesce(vendor, ''), coalesce("productType", ''),
        coalesce(tags, '{}'), status, "externalReference", "seoTitle", "seoDescription", "minPriceAmount", "maxPriceAmount",
        "currencyCode", CASE WHEN "publishesNow" THEN date_trunc('milliseconds', now()) ELSE "publishedAt" END,
        "publishesNow" OR coalesce(status = 'ACTIVE' AND "publishedAt" <= now(), false), now()
      FROM jsonb_to_recordset(${JSON.stringify(products)}::jsonb) AS product (id text, name text, slug text, description text,
        vendor text, "productType" text, tags text[], status "ProductStatus", "externalReference" text, "seoTitle" text,
        "seoDescription" text, "minPriceAmount" bigint, "maxPriceAmount" bigint, "currencyCode" text, "publishedAt" timestamptz,
        "publishesNow" boolean)
      RETURNING id, status, published_at, is_announced
    ), planned AS (
      INSERT INTO product_publications (tenant_id, product_id, due_at)
      SELECT ${tenantId}, id, published_at FROM added WHERE status = 'ACTIVE' AND NOT is_announced AND published_at IS NOT NULL
    )
    SELECT id FROM added WHERE is_announced`;
  // Behind the unique index, as productCreate has it: a former address leads to the new product from now on.
  const slugs = additions.map(({ slug }) => slug);
  await tx.$executeRaw`DELETE FROM product_former_slugs WHERE tenant_id = ${tenantId} AND slug = ANY (${slugs}::text[])`;

  await insertOptions(
    tx,
    tenantId,
    additions.map(({ id, input: { options } }) => ({ id, options })),
  );
  await insertImages(
    tx,
    tenantId,
    additions.flatMap(({ id: productId, imageIds, input: { images } }) =>
      images.map(({ url, altText }, position) => ({
        id: imageIds[position] ?? '',
        productId,
        position,
        url,
        altText: altText ?? null,
      })),
    ),
  );
  await insertVariantRows(
    ctx,
    tx,
    additions.flatMap(({ id: productId, variants }) =>
      variants.map((variant, position) => ({ productId, variant, position })),
    ),
  );
  await insertMetafields(
    tx,
    'product',
    tenantId,
    additions.map(({ id, input: { metafields } }) => ({ id, metafields })),
  );
  await insertLinks(
    tx,
    tenantId,
    additions.flatMap(({ id: productId, input: { categoryIds } }) =>
      [...new Set(categoryIds)].map((categoryId) => ({ productId, categoryId })),
    ),
  );

  const announced = new Set(published.map(({ id }) => id));
  const told = products.map((product) => ({ ...product, version: 1 }));
  await recordEvents(tx, [
    ...told.map((product) => productEvent('product.created', product)),
    ...told.filter(({ id }) => announced.has(id)).map((product) => productEvent('product.published', product)),
  ]);
}
