import DataLoader from 'dataloader';
import { alignToKeys, groupByKey } from '../../shared/batches';
import type { DatabaseContext } from '../../shared/callerContext';
import { VARIANT_COLUMNS } from '../catalog/rowColumns';
import { visibleProducts } from '../catalog/visibility';
import type { Db } from '../database';
import type { ProductVariant } from '../generated/prisma/client';
import { CAN_BE_BOUGHT } from '../inventory/availability';

export interface VariantLoaders {
  variantById: DataLoader<string, ProductVariant | null>;
  variantsByProductId: DataLoader<string, ProductVariant[]>;
  /** Whether a product has a variant that can be bought. */
  availabilityByProductId: DataLoader<string, boolean>;
}

/** One statement for all keys of a tick. What the caller may not see is null, as what does not exist. */
export function createVariantLoaders(ctx: DatabaseContext<Db>): VariantLoaders {
  const { db } = ctx;

  return {
    variantById: new DataLoader(async (ids) => {
      const variants = await db.productVariant.findMany({
        where: { tenantId: ctx.tenantId, id: { in: [...ids] }, product: visibleProducts(ctx) },
      });
      return alignToKeys(ids, variants, (variant) => variant.id);
    }),
    variantsByProductId: new DataLoader(async (productIds) => {
      const variants = await db.$queryRaw<ProductVariant[]>`
        SELECT ${VARIANT_COLUMNS} FROM product_variants v
        WHERE v.tenant_id = ${ctx.tenantId} AND v.product_id = ANY (${productIds}::text[]) ORDER BY v.position`;
      return groupByKey(productIds, variants, (variant) => variant.productId);
    }),
    availabilityByProductId: new DataLoader(async (productIds) => {
      const available = await db.$queryRaw<{ productId: string }[]>`
        SELECT DISTINCT product_id AS "productId" FROM product_variants v
        WHERE v.tenant_id = ${ctx.tenantId} AND v.product_id = ANY (${productIds}::text[]) AND ${CAN_BE_BOUGHT}`;
      const ids = new Set(available.map(({ productId }) => productId));
      return productIds.map((id) => ids.has(id));
    }),
  };
}
