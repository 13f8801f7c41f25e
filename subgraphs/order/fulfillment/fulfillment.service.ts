import { readInput } from '../../shared/inputReader';
import { omitUndefined } from '../../shared/omitUndefined';
import { notFound, payload, refusal, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Fulfillment, FulfillmentLine, Order } from '../generated/prisma/client';
import type { FulfillmentTrackingInput, UserErrorCode } from '../generated/resolvers';
import { lockOrder } from '../orders/getOrder';
import { changeStatus } from '../orders/orderStatus';
import { changeFulfilledQuantities } from './fulfilledQuantities';
import { toTrackingColumns, trackingInput } from './trackingInput';

/** Changes what the input gives of a fulfillment's tracking. */
export function orderFulfillmentTrackingUpdate(ctx: Context, id: string, input: FulfillmentTrackingInput) {
  return payload<'order', Order, UserErrorCode>('order', () => {
    const tracking = omitUndefined(toTrackingColumns(readInput(trackingInput, input)));
    return ctx.db.$transaction(async (tx) => {
      const { tenantId } = ctx;
      const { orderId } = await getFulfillment(ctx, tx, id);
      const order = await lockOrder(ctx, tx, orderId);
      const { count } = await tx.fulfillment.updateMany({ where: { tenantId, id, canceledAt: null }, data: tracking });
      if (count === 0) throw alreadyCanceled();
      await tx.order.updateMany({ where: { tenantId, id: orderId }, data: { version: { increment: 1 } } });
      return { ...order, version: order.version + 1 };
    });
  });
}

/** Cancels a fulfillment that was not shipped after all: its items are unfulfilled again. */
export function orderFulfillmentCancel(ctx: Context, id: string) {
  return payload<'order', Order, UserErrorCode>('order', () =>
    ctx.db.$transaction(async (tx) => {
      const { tenantId, actor } = ctx;
      const { orderId, lines } = await getFulfillment(ctx, tx, id);
      const order = await lockOrder(ctx, tx, orderId);
      await requireNoCapture(tx, tenantId, id);
      const { count } = await tx.fulfillment.updateMany({
        where: { tenantId, id, canceledAt: null },
        data: { canceledAt: new Date(), awaitsCapture: false },
      });
      if (count === 0) throw alreadyCanceled();
      if (order.status === 'FULFILLED') {
        const isChanged = await changeStatus(tx, { tenantId, orderId, from: 'FULFILLED', to: 'CONFIRMED', ...actor });
        if (!isChanged) throw new Error('A locked order has changed its status');
      }
      return changeFulfilledQuantities(tx, order, actor, lines, -1);
    }),
  );
}

/** @throws UserErrors while the fulfillment's capture is being made: it is either captured and may be sent, or refused, soon. */
async function requireNoCapture(tx: Tx, tenantId: string, fulfillmentId: string): Promise<void> {
  const capture = await tx.paymentCapture.findFirst({ where: { tenantId, fulfillmentId, status: 'PENDING' } });
  if (!capture) return;
  throw refusal<UserErrorCode>(['id'], 'INVALID_TRANSITION', 'What its items cost is being captured: try again later.');
}

async function getFulfillment(ctx: Context, tx: Tx, id: string): Promise<Fulfillment & { lines: FulfillmentLine[] }> {
  const fulfillment = await tx.fulfillment.findFirst({
    where: { tenantId: ctx.tenantId, id },
    include: { lines: true },
    relationLoadStrategy: 'join',
  });
  if (!fulfillment) throw new UserErrors(notFound('fulfillment'));
  return fulfillment;
}

const alreadyCanceled = () =>
  refusal<UserErrorCode>(['id'], 'INVALID_TRANSITION', 'The fulfillment was canceled before.');
