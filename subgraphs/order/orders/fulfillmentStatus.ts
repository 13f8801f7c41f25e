import { recordEvent } from '../../shared/events/recordEvent';
import type { Tx } from '../database';
import type { Order, OrderFulfillmentStatus } from '../generated/prisma/client';
import { numberOf } from './orderName';
import { changeFulfillmentStatus, changeStatus } from './orderStatus';
import { quantityToSend, refundedQuantities } from './refundedQuantities';

/** The fulfillment status that an order has by its items. The caller has locked the order. */
export async function fulfillmentStatusOf(
  tx: Tx,
  { tenantId, id: orderId }: Pick<Order, 'tenantId' | 'id'>,
): Promise<OrderFulfillmentStatus> {
  const items = await tx.orderItem.findMany({
    where: { tenantId, orderId },
    select: { position: true, quantity: true, fulfilledQuantity: true },
  });
  const refunded = await refundedQuantities(tx, tenantId, orderId);
  if (items.every(({ fulfilledQuantity }) => fulfilledQuantity === 0)) return 'UNFULFILLED';
  const isComplete = items.every((item) => quantityToSend(item, refunded.get(item.position)) === 0);
  return isComplete ? 'FULFILLED' : 'PARTIALLY_FULFILLED';
}

/** After a refund: a partially fulfilled order of which nothing is left to be sent is FULFILLED. The caller has locked the order. */
export async function completeIfAllSent(
  tx: Tx,
  { tenantId, orderId, actorId }: { tenantId: string; orderId: string; actorId: string | null },
): Promise<void> {
  const order = await tx.order.findFirstOrThrow({ where: { tenantId, id: orderId } });
  if (order.status !== 'CONFIRMED' || order.fulfillmentStatus !== 'PARTIALLY_FULFILLED') return;
  if ((await fulfillmentStatusOf(tx, order)) !== 'FULFILLED') return;
  const change = { tenantId, orderId, actorId };
  const isAllSent = await changeFulfillmentStatus(tx, { ...change, from: 'PARTIALLY_FULFILLED', to: 'FULFILLED' });
  // A fulfillment that waits for its capture completes the order when it may be sent.
  if ((await tx.fulfillment.count({ where: { tenantId, orderId, awaitsCapture: true } })) > 0) return;
  const isChanged = isAllSent && (await changeStatus(tx, { ...change, from: 'CONFIRMED', to: 'FULFILLED' }));
  if (!isChanged) throw new Error('A locked order has changed its status');
  // Each of the two changes has incremented the version.
  const aggregateVersion = order.version + 2;
  const data = { number: numberOf(order), isComplete: true, lines: [] };
  await recordEvent(tx, { type: 'order.fulfilled', aggregateId: orderId, aggregateVersion, data });
}
