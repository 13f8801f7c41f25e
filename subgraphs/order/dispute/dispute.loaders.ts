import { groupByKey } from '../../shared/batches';
import { loader } from '../loader';

// Without a check of its own: the field that uses it is for staff only, see dispute.resolvers.ts.

export const disputesByOrderId = loader(async ({ db, tenantId }, orderIds) => {
  const where = { tenantId, orderId: { in: [...orderIds] } };
  // Ids are in the order in which they were heard of.
  const disputes = await db.orderDispute.findMany({ where, orderBy: { id: 'asc' } });
  return groupByKey(orderIds, disputes, (dispute) => dispute.orderId);
});
