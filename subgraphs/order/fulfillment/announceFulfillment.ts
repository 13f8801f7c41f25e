import type { Actor } from '../../shared/callerContext';
import type { NewEvent } from '../../shared/events/recordEvent';
import type { Tx } from '../database';
import type { Order, OrderItem } from '../generated/prisma/client';
import { lockOrderRow } from '../orders/getOrder';
import { numberOf } from '../orders/orderName';
import { changeStatus } from '../orders/orderStatus';
import type { FulfilledLine } from './linesToFulfill';

/**
 * The items of a fulfillment may be sent: makes the order FULFILLED when nothing is left to be sent and no other fulfillment waits for its capture. The
 * caller has locked the order, and written the fulfillment. @returns the order, and the event to record.
 */
export async function announceFulfillment(
  tx: Tx,
  { tenantId, id: orderId }: Pick<Order, 'tenantId' | 'id'>,
  lines: readonly FulfilledLine[],
  actor: Actor,
): Promise<{ order: Order; event: NewEvent }> {
  const find = () => tx.order.findFirstOrThrow({ where: { tenantId, id: orderId } });
  const before = await find();
  const waiting = await tx.fulfillment.count({ where: { tenantId, orderId, awaitsCapture: true } });
  const isComplete = before.fulfillmentStatus === 'FULFILLED' && waiting === 0;
  if (isComplete && before.status === 'CONFIRMED') {
    const isChanged = await changeStatus(tx, { tenantId, orderId, from: 'CONFIRMED', to: 'FULFILLED', ...actor });
    if (!isChanged) throw new Error('A locked order has changed its status');
  }
  const order = isComplete ? await find() : before;
  const items = await tx.orderItem.findMany({ where: { tenantId, orderId } });
  const data = { number: numberOf(order), isComplete, lines: lines.map((line) => eventLine(items, line)) };
  const event = { type: 'order.fulfilled' as const, aggregateId: orderId, aggregateVersion: order.version, data };
  return { order, event };
}

/** What a fulfillment has waited for is captured: its items may be sent. @returns the events to record; none when it was canceled before. */
export async function releaseFulfillment(
  tx: Tx,
  { tenantId, orderId }: { tenantId: string; orderId: string },
  fulfillmentId: string,
): Promise<NewEvent[]> {
  await lockOrderRow(tx, tenantId, orderId);
  const { count } = await tx.fulfillment.updateMany({
    where: { tenantId, id: fulfillmentId, awaitsCapture: true, canceledAt: null },
    data: { awaitsCapture: false },
  });
  if (count === 0) return [];
  await tx.order.updateMany({ where: { tenantId, id: orderId }, data: { version: { increment: 1 } } });
  const lines = await tx.fulfillmentLine.findMany({ where: { tenantId, fulfillmentId }, orderBy: { position: 'asc' } });
  const nobody = { actorId: null, impersonatorId: null };
  const { event } = await announceFulfillment(tx, { tenantId, id: orderId }, lines, nobody);
  return [event];
}

function eventLine(items: OrderItem[], { position, quantity }: FulfilledLine) {
  const item = items.find((one) => one.position === position);
  if (!item) throw new Error('A fulfillment has a line of no item');
  return { productId: item.productId, variantId: item.variantId, quantity };
}
