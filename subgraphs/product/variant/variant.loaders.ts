import { alignToKeys, groupByKey } from '../../shared/batches';
import { visibleProducts } from '../catalog/visibility';
import { loader } from '../loader';
import { readVariants } from '../write/variantRows';

/** Null when the variant does not exist, or the caller may not see it: clients can't tell the two apart. */
export const variantById = loader(async (ctx, ids) => {
  const variants = await ctx.db.productVariant.findMany({
    where: { tenantId: ctx.tenantId, id: { in: [...ids] }, product: visibleProducts(ctx) },
  });
  return alignToKeys(ids, variants, (variant) => variant.id);
});

/** In the order they are shown. */
export const variantsByProductId = loader(async ({ db, tenantId }, productIds) => {
  const variants = await readVariants(db, tenantId, productIds);
  return groupByKey(productIds, variants, (variant) => variant.productId);
});
