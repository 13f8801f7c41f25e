import { groupByKey } from '../../shared/batches';
import type { Fulfillment, FulfillmentLine, OrderItem } from '../generated/prisma/client';
import { loader } from '../loader';

export type FulfillmentLineModel = FulfillmentLine & { item: OrderItem };
export type FulfillmentModel = Fulfillment & { lines: FulfillmentLineModel[] };

export const fulfillmentsByOrderId = loader<FulfillmentModel[]>(async ({ db, tenantId }, orderIds) => {
  const fulfillments = await db.fulfillment.findMany({
    where: { tenantId, orderId: { in: [...orderIds] } },
    include: { lines: { include: { item: true }, orderBy: { position: 'asc' } } },
    orderBy: { id: 'asc' },
    relationLoadStrategy: 'join',
  });
  return groupByKey(orderIds, fulfillments, (fulfillment) => fulfillment.orderId);
});
