import { recordEvents } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { priceRangeOf } from '../catalog/priceRange';
import { productEvent } from '../catalog/productEvents';
import { productColumns } from '../catalog/productFields';
import { insertImages, insertLinks, insertOptions } from '../catalog/productParts';
import { insertVariantRows } from '../catalog/variantRows';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Addition } from './importBatch';

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
    return { ...productColumns(input), ...range, id, slug, name: input.name.trim(), status: input.status };
  });
  await tx.$executeRaw`
    INSERT INTO products (tenant_id, id, name, slug, description, vendor, product_type, tags, status, external_reference,
      min_price_amount, max_price_amount, currency_code, published_at, is_announced, updated_at)
    SELECT ${tenantId}, id, name, slug, coalesce(description, ''), coalesce(vendor, ''), coalesce("productType", ''),
      coalesce(tags, '{}'), status, "externalReference", "minPriceAmount", "maxPriceAmount", "currencyCode",
      CASE WHEN status = 'ACTIVE' THEN date_trunc('milliseconds', now()) END, status = 'ACTIVE', now()
    FROM jsonb_to_recordset(${JSON.stringify(products)}::jsonb) AS product (id text, name text, slug text, description text,
      vendor text, "productType" text, tags text[], status "ProductStatus", "externalReference" text, "minPriceAmount" bigint,
      "maxPriceAmount" bigint, "currencyCode" text)`;
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
    additions.flatMap(({ id: productId, input: { images } }) =>
      images.map(({ url, altText }, position) => ({
        id: newId('pimg'),
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
  await insertLinks(
    tx,
    tenantId,
    additions.flatMap(({ id: productId, input: { categoryIds } }) =>
      [...new Set(categoryIds)].map((categoryId) => ({ productId, categoryId })),
    ),
  );

  const told = products.map((product) => ({ ...product, version: 1 }));
  await recordEvents(tx, [
    ...told.map((product) => productEvent('product.created', product)),
    ...told.filter(({ status }) => status === 'ACTIVE').map((product) => productEvent('product.published', product)),
  ]);
}
