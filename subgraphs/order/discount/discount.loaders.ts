import { groupByKey } from '../../shared/batches';
import { loader } from '../loader';

export const discountsByOrderId = loader(async ({ db, tenantId }, orderIds) => {
  const where = { tenantId, orderId: { in: [...orderIds] } };
  const discounts = await db.orderDiscount.findMany({ where, orderBy: { discountId: 'asc' } });
  return groupByKey(orderIds, discounts, (discount) => discount.orderId);
});
