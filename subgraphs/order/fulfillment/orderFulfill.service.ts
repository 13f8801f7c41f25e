import { z } from 'zod';
import { recordEvent } from '../../shared/events/recordEvent';
import { requestHash, requireSameRequest } from '../../shared/idempotency';
import { newId } from '../../shared/ids';
import { list } from '../../shared/inputReader';
import { MAX_LINES } from '../../shared/limits';
import { omitUndefined } from '../../shared/omitUndefined';
import { payload, refusal } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import { BLOCKING } from '../dispute/disputeState';
import type { Order, OrderItem } from '../generated/prisma/client';
import type { OrderFulfillInput, UserErrorCode } from '../generated/resolvers';
import { readWithKey } from '../input/readWithKey';
import { itemLineInput } from '../input/variantLine';
import { getOrder, lockOrder } from '../orders/getOrder';
import { numberOf } from '../orders/orderName';
import { changeStatus, invalidTransition } from '../orders/orderStatus';
import { orderTransaction } from '../orders/orderTransaction';
import { refundedQuantities } from '../orders/refundedQuantities';
import { changeFulfilledQuantities } from './fulfilledQuantities';
import { type FulfilledLine, linesToFulfill } from './linesToFulfill';
import { toTrackingColumns, trackingInput } from './trackingInput';

const fulfillInput = z.object({
  lines: list(itemLineInput, { min: 1, max: MAX_LINES }).nullish(),
  tracking: trackingInput.nullish(),
  idempotencyKey: z.string(),
});
type FulfillRequest = z.output<typeof fulfillInput>;

/**
 * Fulfills the items that `input` names, or all unfulfilled ones. The lock of the order's row serializes the fulfillments of one order, so
 * that none exceeds what was bought. A repeat under the same key is answered with the current order.
 */
export function orderFulfill(ctx: Context, id: string, input: OrderFulfillInput | null | undefined) {
  return payload<'order', Order, UserErrorCode>('order', () => {
    const request = input ? readRequest(input) : null;
    return orderTransaction(ctx.db, { tenantId: ctx.tenantId, orderId: id }, async (tx) => {
      const order = await lockOrder(ctx, tx, id);
      if (request && (await isRepeat(tx, order, request))) return order;
      if (order.status !== 'CONFIRMED') throw invalidTransition(order, 'FULFILLED');
      if (!input?.acknowledgeDispute) await requireUndisputed(tx, order);
      const items = await tx.orderItem.findMany({
        where: { tenantId: order.tenantId, orderId: id },
        orderBy: { position: 'asc' },
      });
      const refunded = await refundedQuantities(tx, order.tenantId, id);
      const lines = linesToFulfill(items, refunded, request?.lines ?? null);
      await insertFulfillment(tx, order, request, lines);
      return fulfill(ctx, tx, order, items, lines);
    });
  });
}

function readRequest(input: OrderFulfillInput): FulfillRequest {
  return readWithKey(fulfillInput, input, input.idempotencyKey);
}

/** Whether this request was processed before. @throws UserErrors IDEMPOTENCY_CONFLICT when its key was used for another request. */
async function isRepeat(tx: Tx, { tenantId, id: orderId }: Order, request: FulfillRequest): Promise<boolean> {
  const { idempotencyKey } = request;
  const earlier = await tx.fulfillment.findFirst({ where: { tenantId, orderId, idempotencyKey } });
  return earlier !== null && requireSameRequest(earlier, request) === earlier;
}

/** @throws UserErrors while a dispute is open or lost: the money may be gone, so the goods are not sent by habit. */
async function requireUndisputed(tx: Tx, { tenantId, id: orderId }: Order): Promise<void> {
  const dispute = await tx.orderDispute.findFirst({ where: { tenantId, orderId, ...BLOCKING } });
  if (!dispute) return;
  const message = `The payment is disputed (${dispute.status}): send it with acknowledgeDispute, or not at all.`;
  throw refusal<UserErrorCode>(['input', 'acknowledgeDispute'], 'PAYMENT_DISPUTED', message);
}

async function insertFulfillment(
  tx: Tx,
  { tenantId, id: orderId }: Order,
  request: FulfillRequest | null,
  lines: FulfilledLine[],
): Promise<void> {
  await tx.fulfillment.create({
    data: {
      tenantId,
      id: newId('ful'),
      orderId,
      ...omitUndefined(toTrackingColumns(request?.tracking)),
      ...(request && { idempotencyKey: request.idempotencyKey, requestHash: requestHash(request) }),
      lines: { create: lines.map(({ position, quantity }) => ({ orderId, position, quantity })) },
    },
  });
}

async function fulfill(ctx: Context, tx: Tx, order: Order, items: OrderItem[], lines: FulfilledLine[]): Promise<Order> {
  const { tenantId, id: orderId } = order;
  const number = numberOf(order);
  let current = await changeFulfilledQuantities(tx, order, ctx.actor, lines, 1);
  const isComplete = current.fulfillmentStatus === 'FULFILLED';
  if (isComplete) {
    const isChanged = await changeStatus(tx, { tenantId, orderId, from: 'CONFIRMED', to: 'FULFILLED', ...ctx.actor });
    if (!isChanged) throw new Error('A locked order has changed its status');
    current = await getOrder(ctx, tx, orderId);
  }
  await recordEvent(tx, {
    type: 'order.fulfilled',
    aggregateId: orderId,
    aggregateVersion: current.version,
    data: { number, isComplete, lines: lines.map((line) => eventLine(items, line)) },
  });
  return current;
}

function eventLine(items: OrderItem[], { position, quantity }: FulfilledLine) {
  const item = items.find((one) => one.position === position);
  if (!item) throw new Error('A fulfillment has a line of no item');
  return { productId: item.productId, variantId: item.variantId, quantity };
}
