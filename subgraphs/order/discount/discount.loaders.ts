import { alignToKeys, groupByKey } from '../../shared/batches';
import { loader } from '../loader';

// Without a check of its own: what uses it is for staff only, see discount.rules.ts.
export const discountById = loader(async ({ db, tenantId }, ids) => {
  const discounts = await db.discount.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, discounts, (discount) => discount.id);
});

/** The first code of each discount that has one. */
export const firstCodeByDiscountId = loader<string | null>(async ({ db, tenantId }, ids) => {
  const codes = await db.$queryRaw<{ discountId: string; code: string }[]>`
    SELECT asked.id AS "discountId", first.code
    FROM unnest(${[...ids]}::text[]) AS asked (id), LATERAL (
      SELECT code FROM discount_codes WHERE tenant_id = ${tenantId} AND discount_id = asked.id ORDER BY created_at, id LIMIT 1
    ) AS first`;
  const byId = new Map(codes.map(({ discountId, code }) => [discountId, code]));
  return ids.map((id) => byId.get(id) ?? null);
});

export const discountsByOrderId = loader(async ({ db, tenantId }, orderIds) => {
  const where = { tenantId, orderId: { in: [...orderIds] } };
  const discounts = await db.orderDiscount.findMany({ where, orderBy: { discountId: 'asc' } });
  return groupByKey(orderIds, discounts, (discount) => discount.orderId);
});
