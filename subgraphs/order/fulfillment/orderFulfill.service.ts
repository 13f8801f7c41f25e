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
import type { Order } from '../generated/prisma/client';
import type { OrderFulfillInput, UserErrorCode } from '../generated/resolvers';
import { readWithKey } from '../input/readWithKey';
import { itemLineInput } from '../input/variantLine';
import { getOrder, lockOrder } from '../orders/getOrder';
import { invalidTransition } from '../orders/orderStatus';
import { orderTransaction } from '../orders/orderTransaction';
import { refundedQuantities } from '../orders/refundedQuantities';
import { requestCapture, requireNotRefused } from '../payment/paymentCapture';
import type { SagaRunner } from '../saga/sagaEngine';
import { announceFulfillment } from './announceFulfillment';
import { changeFulfilledQuantities } from './fulfilledQuantities';
import { captureToSend } from './fulfillmentCapture';
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
 * that none exceeds what was bought. A repeat under the same key is answered with the current order. In a store that captures on fulfillment,
 * the fulfillment waits for the saga to capture what its items cost, and is kept when that is refused.
 */
export function orderFulfill(
  ctx: Context & { services: { saga: SagaRunner } },
  id: string,
  input: OrderFulfillInput | null | undefined,
) {
  const { db, tenantId, actor } = ctx;
  return payload<'order', Order, UserErrorCode>('order', async () => {
    const request = input ? readRequest(input) : null;
    const { order, captureId } = await orderTransaction(db, { tenantId, orderId: id }, async (tx) => {
      const order = await lockOrder(ctx, tx, id);
      if (request && (await isRepeat(tx, order, request))) return { order, captureId: null };
      if (order.status !== 'CONFIRMED') throw invalidTransition(order, 'FULFILLED');
      if (!input?.acknowledgeDispute) await requireUndisputed(tx, order);
      const items = await tx.orderItem.findMany({ where: { tenantId, orderId: id }, orderBy: { position: 'asc' } });
      const refunded = await refundedQuantities(tx, tenantId, id);
      const lines = linesToFulfill(items, refunded, request?.lines ?? null);
      const fulfillmentId = await insertFulfillment(tx, order, request, lines);
      const sent = await changeFulfilledQuantities(tx, order, actor, lines, 1);
      const captureId = input?.capturePayment === false ? null : await requestCaptureToSend(tx, sent, fulfillmentId);
      if (captureId) return { order: sent, captureId };
      const { order: announced, event } = await announceFulfillment(tx, sent, lines, actor);
      await recordEvent(tx, event);
      return { order: announced, captureId };
    });
    if (!captureId) return order;
    await ctx.services.saga.resume(tenantId, id);
    await requireNotRefused(db, tenantId, captureId, ['id']);
    return db.$transaction((tx) => getOrder(ctx, tx, id));
  });
}

/** @returns the id of the capture that the fulfillment waits for; null when it may be sent. */
async function requestCaptureToSend(tx: Tx, order: Order, fulfillmentId: string): Promise<string | null> {
  const { tenantId, id: orderId } = order;
  const payment = await tx.payment.findFirst({ where: { tenantId, orderId } });
  const capture = payment && (await captureToSend(tx, order, payment));
  if (!capture) return null;
  await tx.fulfillment.updateMany({ where: { tenantId, id: fulfillmentId }, data: { awaitsCapture: true } });
  return requestCapture(tx, payment, { ...capture, fulfillmentId });
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
): Promise<string> {
  const { id } = await tx.fulfillment.create({
    data: {
      tenantId,
      id: newId('ful'),
      orderId,
      ...omitUndefined(toTrackingColumns(request?.tracking)),
      ...(request && { idempotencyKey: request.idempotencyKey, requestHash: requestHash(request) }),
      lines: { create: lines.map(({ position, quantity }) => ({ orderId, position, quantity })) },
    },
  });
  return id;
}
