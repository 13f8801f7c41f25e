import { alignToKeys, groupByKey } from '../../shared/batches';
import { loader } from '../loader';

// Without a check of its own: what uses it is for staff only, see discount.rules.ts.
export const discountById = loader(async ({ db, tenantId }, ids) => {
  const discounts = await db.discount.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, discounts, (discount) => discount.id);
});

export const discountsByOrderId = loader(async ({ db, tenantId }, orderIds) => {
  const where = { tenantId, orderId: { in: [...orderIds] } };
  const discounts = await db.orderDiscount.findMany({ where, orderBy: { discountId: 'asc' } });
  return groupByKey(orderIds, discounts, (discount) => discount.orderId);
});
