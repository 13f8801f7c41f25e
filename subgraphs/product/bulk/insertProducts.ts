import { recordEvents } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { priceRangeOf } from '../catalog/priceRange';
import { productEvent } from '../catalog/productEvents';
import { productColumns } from '../catalog/productFields';
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

  const options = additions.flatMap(({ id, input }) =>
    input.options.map((option, position) => ({ ...option, id, position })),
  );
  await tx.$executeRaw`
    INSERT INTO product_options (tenant_id, product_id, position, name, values)
    SELECT ${tenantId}, id, position, name, values
    FROM jsonb_to_recordset(${JSON.stringify(options)}::jsonb) AS option (id text, position int, name text, values text[])`;
  const images = additions.flatMap(({ id: productId, input }) =>
    input.images.map((image, position) => ({ ...image, productId, position, id: newId('pimg') })),
  );
  await tx.$executeRaw`
    INSERT INTO product_images (tenant_id, id, product_id, position, url, alt_text)
    SELECT ${tenantId}, id, "productId", position, url, "altText"
    FROM jsonb_to_recordset(${JSON.stringify(images)}::jsonb)
      AS image (id text, "productId" text, position int, url text, "altText" text)`;
  await insertVariantRows(
    ctx,
    tx,
    additions.map(({ id, variants }) => ({ productId: id, variants })),
  );
  const links = additions.flatMap(({ id, input }) =>
    [...new Set(input.categoryIds)].map((categoryId) => ({ id, categoryId })),
  );
  await tx.$executeRaw`
    INSERT INTO product_categories (tenant_id, product_id, category_id)
    SELECT ${tenantId}, id, "categoryId" FROM jsonb_to_recordset(${JSON.stringify(links)}::jsonb) AS link (id text, "categoryId" text)`;

  const told = products.map((product) => ({ ...product, version: 1 }));
  await recordEvents(tx, [
    ...told.map((product) => productEvent('product.created', product)),
    ...told.filter(({ status }) => status === 'ACTIVE').map((product) => productEvent('product.published', product)),
  ]);
}
