import type { Actor } from '../../shared/callerContext';
import type { Tx } from '../database';
import type { Order } from '../generated/prisma/client';
import { fulfillmentStatusOf } from '../orders/fulfillmentStatus';
import { changeFulfillmentStatus } from '../orders/orderStatus';
import { unsendRefunded } from '../orders/refundedQuantities';
import type { FulfilledLine } from './linesToFulfill';

/**
 * Adds the quantities of a fulfillment's lines to the items of a locked order, or subtracts them with `sign` -1, and derives the order's
 * fulfillment status from its items. @returns the changed order.
 */
export async function changeFulfilledQuantities(
  tx: Tx,
  order: Order,
  actor: Actor,
  lines: FulfilledLine[],
  sign: 1 | -1,
): Promise<Order> {
  const { tenantId, id: orderId, fulfillmentStatus: from } = order;
  const positions = lines.map(({ position }) => position);
  const quantities = lines.map(({ quantity }) => quantity * sign);
  const count = await tx.$executeRaw`
    UPDATE order_items SET fulfilled_quantity = fulfilled_quantity + line.quantity
    FROM unnest(${positions}::int[], ${quantities}::int[]) AS line (item, quantity)
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND position = line.item
      AND fulfilled_quantity + line.quantity BETWEEN 0 AND order_items.quantity`;
  if (count !== lines.length) throw new Error('An item of a locked order has changed');

  if (sign === -1) {
    const items = await tx.orderItem.findMany({ where: { tenantId, orderId } });
    await unsendRefunded(tx, order, items);
  }
  const to = await fulfillmentStatusOf(tx, order);
  if (to === from) {
    await tx.order.updateMany({ where: { tenantId, id: orderId }, data: { version: { increment: 1 } } });
  } else if (!(await changeFulfillmentStatus(tx, { tenantId, orderId, from, to, ...actor }))) {
    throw new Error('A locked order has changed its status');
  }
  return tx.order.findFirstOrThrow({ where: { tenantId, id: orderId } });
}
