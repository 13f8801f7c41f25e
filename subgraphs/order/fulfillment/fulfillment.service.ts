import { payload, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Fulfillment, FulfillmentLine, Order } from '../generated/prisma/client';
import type { FulfillmentTrackingInput, OrderErrorCode } from '../generated/resolvers';
import { readInput } from '../input/readInput';
import { lockOrder } from '../orders/lockOrder';
import { changeStatus } from '../orders/orderStatus';
import { moveItems } from './moveItems';
import { toTrackingColumns, trackingInput } from './trackingInput';

/** Replaces what a parcel is followed by. */
export function orderFulfillmentTrackingUpdate(ctx: Context, id: string, input: FulfillmentTrackingInput) {
  return payload<'order', Order, OrderErrorCode>('order', () => {
    const tracking = toTrackingColumns(readInput(trackingInput, input));
    return ctx.db.$transaction(async (tx) => {
      const { orderId } = await getParcel(ctx, tx, id);
      const order = await lockOrder(ctx, tx, orderId);
      const where = { tenantId: ctx.tenantId, id };
      const { count } = await tx.fulfillment.updateMany({ where: { ...where, canceledAt: null }, data: tracking });
      if (count === 0) throw alreadyCanceled();
      await tx.order.updateMany({ where: { ...where, id: orderId }, data: { version: { increment: 1 } } });
      return { ...order, version: order.version + 1 };
    });
  });
}

/** Takes a parcel back that has not left: what was in it is still to be handed over. */
export function orderFulfillmentCancel(ctx: Context, id: string) {
  return payload<'order', Order, OrderErrorCode>('order', () =>
    ctx.db.$transaction(async (tx) => {
      const { orderId, lines } = await getParcel(ctx, tx, id);
      const order = await lockOrder(ctx, tx, orderId);
      const { count } = await tx.fulfillment.updateMany({
        where: { tenantId: ctx.tenantId, id, canceledAt: null },
        data: { canceledAt: new Date() },
      });
      if (count === 0) throw alreadyCanceled();
      const { actor } = ctx;
      if (order.status === 'FULFILLED') {
        const change = { tenantId: ctx.tenantId, orderId, from: 'FULFILLED', to: 'CONFIRMED', ...actor } as const;
        if (!(await changeStatus(tx, change))) throw new Error('A locked order changed its status');
      }
      return moveItems(tx, order, actor, lines, -1);
    }),
  );
}

async function getParcel(ctx: Context, tx: Tx, id: string): Promise<Fulfillment & { lines: FulfillmentLine[] }> {
  const parcel = await tx.fulfillment.findFirst({
    where: { tenantId: ctx.tenantId, id },
    include: { lines: true },
    relationLoadStrategy: 'join',
  });
  if (!parcel) throw new UserErrors({ field: ['id'], code: 'NOT_FOUND', message: 'No such fulfillment.' });
  return parcel;
}

const alreadyCanceled = () =>
  new UserErrors({ field: ['id'], code: 'INVALID_TRANSITION', message: 'The fulfillment was canceled.' });
