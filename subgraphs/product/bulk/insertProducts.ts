import { recordEvents } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { priceRangeOf } from '../catalog/priceRange';
import { productEvent } from '../catalog/productEvents';
import { productColumns } from '../catalog/productFields';
import { insertVariantRows } from '../catalog/variantRows';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Addition } from './importBatch';

/** As productCreate, for many products: one statement for each table, however many there are. */
export async function insertProducts(ctx: Context, tx: Tx, additions: Addition[]): Promise<void> {
  if (additions.length === 0) return;
  const { tenantId } = ctx;
  const products = await tx.product.createManyAndReturn({
    data: additions.map(({ id, slug, input, variants }) => ({
      ...productColumns(input),
      ...priceRangeOf(variants),
      tenantId,
      id,
      slug,
      name: input.name.trim(),
    })),
    select: { id: true, version: true, name: true, slug: true, status: true },
  });
  // Behind the unique index, as productCreate has it: a former address leads to the new product from now on.
  await tx.productFormerSlug.deleteMany({ where: { tenantId, slug: { in: additions.map(({ slug }) => slug) } } });
  await tx.productOption.createMany({
    data: additions.flatMap(({ id, input }) =>
      input.options.map((option, position) => ({ ...option, tenantId, productId: id, position })),
    ),
  });
  await tx.productImage.createMany({
    data: additions.flatMap(({ id, input }) =>
      input.images.map(({ url, altText }, position) => ({
        tenantId,
        id: newId('pimg'),
        productId: id,
        position,
        url,
        altText: altText ?? null,
      })),
    ),
  });
  await insertVariantRows(
    ctx,
    tx,
    additions.map(({ id, variants }) => ({ productId: id, variants })),
  );
  await tx.productCategory.createMany({
    data: additions.flatMap(({ id, input }) =>
      [...new Set(input.categoryIds)].map((categoryId) => ({ tenantId, productId: id, categoryId })),
    ),
  });
  const active = products.filter(({ status }) => status === 'ACTIVE');
  const activeIds = active.map(({ id }) => id);
  await tx.$executeRaw`
    UPDATE products SET published_at = date_trunc('milliseconds', now()), is_announced = true
    WHERE tenant_id = ${tenantId} AND id = ANY (${activeIds}::text[])`;
  await recordEvents(tx, [
    ...products.map((product) => productEvent('product.created', product)),
    ...active.map((product) => productEvent('product.published', product)),
  ]);
}
