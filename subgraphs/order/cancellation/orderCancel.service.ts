import { payload, UserErrors } from '../../shared/errors';
import { recordEvents } from '../../shared/events/recordEvent';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order } from '../generated/prisma/client';
import type { OrderCancelInput, OrderErrorCode } from '../generated/resolvers';
import { hashOf } from '../idempotency/idempotencyKey';
import { takeKey } from '../idempotency/takeKey';
import { getOrder, transitionRefused } from '../orders/getOrder';
import { canceledEvents } from '../orders/orderEvents';
import { changeStatus } from '../orders/orderStatus';
import { reopenSagaAt } from '../saga/sagaLease';

/**
 * Calls a CONFIRMED order off. Its saga is opened again at VOID_PAYMENT in the same transaction, with a raised fence: a
 * process that was still committing the stock or capturing the money can't write any more, the catalog refuses a commit
 * after a release, and the provider says whether it has captured.
 */
export function orderCancel(ctx: Context, id: string, input: OrderCancelInput) {
  const { tenantId } = ctx;
  return payload<'order', Order, OrderErrorCode>('order', async () => {
    const cancelReason = checkReason(input.reason);
    const order = await ctx.db.$transaction(async (tx) => {
      const isRepeat = input.idempotencyKey != null && !(await takeCancelKey(ctx, tx, id, input, input.idempotencyKey));
      if (isRepeat) return getOrder(ctx, tx, id);
      const changed = await changeStatus(tx, {
        tenantId,
        orderId: id,
        from: 'CONFIRMED',
        to: 'CANCELED',
        ...ctx.actor,
        note: cancelReason,
        cancelReason,
      });
      const current = await getOrder(ctx, tx, id);
      if (!changed) throw transitionRefused('CANCELED', current);
      await recordEvents(tx, await canceledEvents(tx, { tenantId, orderId: id }, true));
      await compensate(tx, current, input);
      return current;
    });
    ctx.saga.resumeInBackground(tenantId, id);
    return order;
  });
}

const takeCancelKey = (ctx: Context, tx: Tx, orderId: string, input: OrderCancelInput, key: string) =>
  takeKey(ctx, tx, { operation: 'orderCancel', key, hash: hashOf([orderId, input]), orderId });

async function compensate(tx: Tx, { tenantId, id }: Order, { restock, refund }: OrderCancelInput): Promise<void> {
  await tx.$executeRaw`
    UPDATE order_sagas SET ${reopenSagaAt('VOID_PAYMENT')}, restock = ${restock}, refund = ${refund}
    WHERE tenant_id = ${tenantId} AND order_id = ${id}`;
}

/** @throws UserErrors */
export function checkReason(reason: string): string {
  const trimmed = reason.trim();
  if (trimmed !== '' && trimmed.length <= 500) return trimmed;
  const message = 'Expected 1 to 500 characters.';
  throw new UserErrors<OrderErrorCode>({
    field: ['input', 'reason'],
    code: trimmed === '' ? 'REQUIRED' : 'INVALID',
    message,
  });
}
