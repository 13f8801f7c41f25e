import { loader } from '../loader';
import { CAN_BE_BOUGHT } from './availability';

/** Whether a product has a variant that can be bought. */
export const availabilityByProductId = loader(async ({ db, tenantId }, productIds) => {
  const available = await db.$queryRaw<{ productId: string }[]>`
    SELECT DISTINCT product_id AS "productId" FROM product_variants v
    WHERE v.tenant_id = ${tenantId} AND v.product_id = ANY (${productIds}::text[]) AND ${CAN_BE_BOUGHT}`;
  const ids = new Set(available.map(({ productId }) => productId));
  return productIds.map((id) => ids.has(id));
});
