import type { Actor } from '../../shared/callerContext';
import type { Tx } from '../database';
import type { Order, OrderFulfillmentStatus } from '../generated/prisma/client';
import { changeFulfillmentStatus } from '../orders/orderStatus';
import { refundedQuantities } from '../payment/refundedQuantities';
import type { HandedOver } from './linesToFulfill';

/**
 * Counts `lines` of a locked order as handed over (1), or as not handed over after all (-1), and sets its fulfillment
 * status to what that makes of it. @returns the order after it.
 */
export async function moveItems(
  tx: Tx,
  order: Order,
  actor: Actor,
  lines: HandedOver[],
  direction: 1 | -1,
  note: string | null = null,
): Promise<Order> {
  const { tenantId, id: orderId } = order;
  const positions = lines.map(({ position }) => position);
  const quantities = lines.map(({ quantity }) => quantity * direction);
  const moved = await tx.$executeRaw`
    UPDATE order_items SET fulfilled_quantity = fulfilled_quantity + line.moved
    FROM unnest(${positions}::int[], ${quantities}::int[]) AS line (at, moved)
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND position = line.at
      AND fulfilled_quantity + line.moved BETWEEN 0 AND quantity`;
  if (moved !== lines.length) throw new Error('An item of a locked order was moved');

  const to = await statusOfItems(tx, order);
  if (to === order.fulfillmentStatus) {
    await tx.order.updateMany({ where: { tenantId, id: orderId }, data: { version: { increment: 1 } } });
  } else {
    const from = order.fulfillmentStatus;
    const changed = await changeFulfillmentStatus(tx, { tenantId, orderId, from, to, ...actor, note });
    if (!changed) throw new Error('A locked order changed its status');
  }
  return tx.order.findFirstOrThrow({ where: { tenantId, id: orderId } });
}

async function statusOfItems(tx: Tx, { tenantId, id: orderId }: Order): Promise<OrderFulfillmentStatus> {
  const items = await tx.orderItem.findMany({
    where: { tenantId, orderId },
    select: { position: true, quantity: true, fulfilledQuantity: true },
  });
  const refunded = await refundedQuantities(tx, tenantId, orderId);
  if (items.every(({ fulfilledQuantity }) => fulfilledQuantity === 0)) return 'UNFULFILLED';
  const isComplete = items.every(
    ({ position, quantity, fulfilledQuantity }) => fulfilledQuantity >= quantity - (refunded.get(position) ?? 0),
  );
  return isComplete ? 'FULFILLED' : 'PARTIALLY_FULFILLED';
}
