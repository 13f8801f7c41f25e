import { createHash } from 'node:crypto';
import { payload, UserErrors } from '../../shared/errors';
import { recordEvent } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order, OrderItem } from '../generated/prisma/client';
import type { OrderErrorCode, OrderFulfillInput } from '../generated/resolvers';
import { readInput } from '../input/readInput';
import { transitionRefused } from '../orders/getOrder';
import { lockOrder } from '../orders/lockOrder';
import { changeStatus } from '../orders/orderStatus';
import { refundedQuantities } from '../payment/refundedQuantities';
import { type HandedOver, linesToHandOver } from './linesToFulfill';
import { moveItems } from './moveItems';
import { fulfillInput, toTrackingColumns } from './trackingInput';

/**
 * Hands over what `input` names, or all that is left. The order's row is locked: parcels of one order are made one after
 * another, each from what the ones before have left. A repeat under the same key is answered with the order as it is.
 */
export function orderFulfill(ctx: Context, id: string, input: OrderFulfillInput | null | undefined) {
  return payload<'order', Order, OrderErrorCode>('order', () => {
    const asked = input ? readInput(fulfillInput, input) : null;
    const requestHash = asked ? createHash('sha256').update(JSON.stringify(asked)).digest('hex') : null;
    return ctx.db.$transaction(async (tx) => {
      const order = await lockOrder(ctx, tx, id);
      if (asked && (await isRepeated(tx, order, asked.idempotencyKey, requestHash))) return order;
      if (order.status !== 'CONFIRMED') throw transitionRefused('FULFILLED', order);
      const items = await tx.orderItem.findMany({
        where: { tenantId: order.tenantId, orderId: id },
        orderBy: { position: 'asc' },
      });
      const lines = linesToHandOver(items, await refundedQuantities(tx, order.tenantId, id), asked?.lines ?? null);
      await tx.fulfillment.create({
        data: {
          tenantId: order.tenantId,
          id: newId('ful'),
          orderId: id,
          ...toTrackingColumns(asked?.tracking),
          ...(asked && { idempotencyKey: asked.idempotencyKey, requestHash }),
          lines: { create: lines.map(({ position, quantity }) => ({ orderId: id, position, quantity })) },
        },
      });
      return handOver(ctx, tx, order, items, lines);
    });
  });
}

async function isRepeated(tx: Tx, order: Order, idempotencyKey: string, requestHash: string | null): Promise<boolean> {
  const { tenantId, id: orderId } = order;
  const earlier = await tx.fulfillment.findFirst({ where: { tenantId, orderId, idempotencyKey } });
  if (earlier && earlier.requestHash !== requestHash) {
    const message = 'This key was used for another parcel. Take a new key for a new parcel.';
    throw new UserErrors({ field: ['input', 'idempotencyKey'], code: 'IDEMPOTENCY_CONFLICT', message });
  }
  return earlier !== null;
}

async function handOver(ctx: Context, tx: Tx, order: Order, items: OrderItem[], lines: HandedOver[]): Promise<Order> {
  const { actor } = ctx;
  const moved = await moveItems(tx, order, actor, lines, 1);
  const isComplete = moved.fulfillmentStatus === 'FULFILLED';
  const change = { tenantId: order.tenantId, orderId: order.id, from: 'CONFIRMED', to: 'FULFILLED', ...actor } as const;
  if (isComplete && !(await changeStatus(tx, change))) throw new Error('A locked order changed its status');
  const current = isComplete ? await lockOrder(ctx, tx, order.id) : moved;
  await recordEvent(tx, {
    type: 'order.fulfilled',
    aggregateId: order.id,
    aggregateVersion: current.version,
    data: { number: order.number, isComplete, lines: lines.map((line) => boughtLine(items, line)) },
  });
  return current;
}

function boughtLine(items: OrderItem[], { position, quantity }: HandedOver) {
  const item = items.find((one) => one.position === position);
  if (!item) throw new Error('A line of no item');
  return { productId: item.productId, variantId: item.variantId, quantity };
}
