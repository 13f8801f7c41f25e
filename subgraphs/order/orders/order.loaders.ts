import { alignToKeys, groupByKey } from '../../shared/batches';
import { loader } from '../loader';
import { visibleOrders } from './visibility';

/** Null for an order that the caller may not see, as for one that does not exist. */
export const orderById = loader(async (ctx, ids) => {
  const visible = visibleOrders(ctx);
  const orders = visible ? await ctx.db.order.findMany({ where: { ...visible, id: { in: [...ids] } } }) : [];
  return alignToKeys(ids, orders, (order) => order.id);
});

export const itemsByOrderId = loader(async ({ db, tenantId }, orderIds) => {
  const where = { tenantId, orderId: { in: [...orderIds] } };
  const items = await db.orderItem.findMany({ where, orderBy: { position: 'asc' } });
  return groupByKey(orderIds, items, (item) => item.orderId);
});

export const historyByOrderId = loader(async ({ db, tenantId }, orderIds) => {
  const where = { tenantId, orderId: { in: [...orderIds] } };
  const changes = await db.orderStatusHistory.findMany({ where, orderBy: { id: 'asc' } });
  return groupByKey(orderIds, changes, (change) => change.orderId);
});

export const notesByOrderId = loader(async ({ db, tenantId }, orderIds) => {
  const where = { tenantId, orderId: { in: [...orderIds] } };
  const notes = await db.orderNote.findMany({ where, orderBy: { id: 'asc' } });
  return groupByKey(orderIds, notes, (note) => note.orderId);
});
