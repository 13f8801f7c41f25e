import DataLoader from 'dataloader';
import { alignToKeys, groupByKey } from '../../shared/batches';
import type { DatabaseContext } from '../../shared/callerContext';
import type { Db } from '../database';
import type {
  Fulfillment,
  FulfillmentLine,
  Order,
  OrderDiscount,
  OrderItem,
  OrderNote,
  OrderStatusHistory,
} from '../generated/prisma/client';
import { visibleOrders } from './visibility';

export type ParcelLineRow = FulfillmentLine & { item: OrderItem };
export type ParcelRow = Fulfillment & { lines: ParcelLineRow[] };

export interface OrderLoaders {
  orderById: DataLoader<string, Order | null>;
  itemsByOrderId: DataLoader<string, OrderItem[]>;
  historyByOrderId: DataLoader<string, OrderStatusHistory[]>;
  fulfillmentsByOrderId: DataLoader<string, ParcelRow[]>;
  notesByOrderId: DataLoader<string, OrderNote[]>;
  discountsByOrderId: DataLoader<string, OrderDiscount[]>;
}

/** One statement for all keys of a tick. What the caller may not see is null, as what does not exist. */
export function createOrderLoaders(ctx: DatabaseContext<Db>): OrderLoaders {
  const { db } = ctx;
  const ofOrders = (orderIds: readonly string[]) => ({ tenantId: ctx.tenantId, orderId: { in: [...orderIds] } });

  return {
    orderById: new DataLoader(async (ids) => {
      const visible = visibleOrders(ctx);
      const orders = visible ? await db.order.findMany({ where: { ...visible, id: { in: [...ids] } } }) : [];
      return alignToKeys(ids, orders, (order) => order.id);
    }),
    itemsByOrderId: new DataLoader(async (orderIds) => {
      const items = await db.orderItem.findMany({ where: ofOrders(orderIds), orderBy: { position: 'asc' } });
      return groupByKey(orderIds, items, (item) => item.orderId);
    }),
    historyByOrderId: new DataLoader(async (orderIds) => {
      const changes = await db.orderStatusHistory.findMany({ where: ofOrders(orderIds), orderBy: { id: 'asc' } });
      return groupByKey(orderIds, changes, (change) => change.orderId);
    }),
    fulfillmentsByOrderId: new DataLoader(async (orderIds) => {
      const parcels = await db.fulfillment.findMany({
        where: ofOrders(orderIds),
        include: { lines: { include: { item: true }, orderBy: { position: 'asc' } } },
        orderBy: { id: 'asc' },
        relationLoadStrategy: 'join',
      });
      return groupByKey(orderIds, parcels, (parcel) => parcel.orderId);
    }),
    notesByOrderId: new DataLoader(async (orderIds) => {
      const notes = await db.orderNote.findMany({ where: ofOrders(orderIds), orderBy: { id: 'asc' } });
      return groupByKey(orderIds, notes, (note) => note.orderId);
    }),
    discountsByOrderId: new DataLoader(async (orderIds) => {
      const discounts = await db.orderDiscount.findMany({ where: ofOrders(orderIds), orderBy: { discountId: 'asc' } });
      return groupByKey(orderIds, discounts, (discount) => discount.orderId);
    }),
  };
}
