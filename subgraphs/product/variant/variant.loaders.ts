import { alignToKeys, groupByKey } from '../../shared/batches';
import { VARIANT_COLUMNS } from '../catalog/rowColumns';
import { visibleProducts } from '../catalog/visibility';
import type { ProductVariant } from '../generated/prisma/client';
import { loader } from '../loader';

/** What the caller may not see is null, as what does not exist. */
export const variantById = loader(async (ctx, ids) => {
  const variants = await ctx.db.productVariant.findMany({
    where: { tenantId: ctx.tenantId, id: { in: [...ids] }, product: visibleProducts(ctx) },
  });
  return alignToKeys(ids, variants, (variant) => variant.id);
});

/** In the order they are shown. */
export const variantsByProductId = loader(async ({ db, tenantId }, productIds) => {
  const variants = await db.$queryRaw<ProductVariant[]>`
    SELECT ${VARIANT_COLUMNS} FROM product_variants v
    WHERE v.tenant_id = ${tenantId} AND v.product_id = ANY (${productIds}::text[]) ORDER BY v.position`;
  return groupByKey(productIds, variants, (variant) => variant.productId);
});
