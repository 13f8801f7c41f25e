import { payload, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Order } from '../generated/prisma/client';
import type { OrderCancelInput, OrderErrorCode } from '../generated/resolvers';
import { changeStatus } from '../orders/orderStatus';
import { getOrder, transitionRefused } from './transitionRefused';

/**
 * Calls a CONFIRMED order off. Its saga is opened again at RELEASE_STOCK in the same transaction, with a raised fence: a
 * process that was still committing the stock can't write any more, and the catalog refuses a commit after a release.
 */
export function orderCancel(ctx: Context, id: string, { reason }: OrderCancelInput) {
  const { tenantId, caller } = ctx;
  return payload<'order', Order, OrderErrorCode>('order', async () => {
    const cancelReason = reason.trim();
    if (cancelReason === '' || cancelReason.length > 500) {
      const message = 'Expected 1 to 500 characters.';
      throw new UserErrors({ field: ['input', 'reason'], code: cancelReason === '' ? 'REQUIRED' : 'INVALID', message });
    }
    const order = await ctx.db.$transaction(async (tx) => {
      const changed = await changeStatus(tx, {
        tenantId,
        orderId: id,
        from: 'CONFIRMED',
        to: 'CANCELED',
        actorId: caller.userId,
        note: cancelReason,
        data: { cancelReason },
      });
      const current = await getOrder(ctx, tx, id);
      if (!changed) throw transitionRefused('CANCELED', current);
      await tx.orderSaga.updateMany({
        where: { tenantId, orderId: id },
        data: {
          step: 'RELEASE_STOCK',
          fence: { increment: 1 },
          attempts: 0,
          leaseUntil: new Date(0),
          finishedAt: null,
        },
      });
      return current;
    });
    ctx.saga.resumeInBackground(tenantId, id);
    return order;
  });
}
