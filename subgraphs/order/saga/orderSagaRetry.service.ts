import { payload, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Order } from '../generated/prisma/client';
import type { OrderErrorCode } from '../generated/resolvers';

/**
 * Tries an order's unfinished step now. Nothing is skipped: whatever held the saga up has to be gone. Where a process is
 * trying it at this moment, the fence keeps the slower of the two from writing.
 */
export function orderSagaRetry(ctx: Context, id: string) {
  const { db, tenantId } = ctx;
  return payload<'order', Order, OrderErrorCode>('order', async () => {
    const waiting = await db.$executeRaw`
      UPDATE order_sagas SET lease_until = now()
      WHERE tenant_id = ${tenantId} AND order_id = ${id} AND finished_at IS NULL AND (attempts > 0 OR lease_until <= now())`;
    const find = () => db.order.findFirst({ where: { tenantId, id } });
    const order = await find();
    if (!order) throw new UserErrors({ field: ['id'], code: 'NOT_FOUND', message: 'No such order.' });
    if (waiting === 0) {
      const message = 'Nothing of this order is waiting to be tried again.';
      throw new UserErrors({ field: ['id'], code: 'INVALID_TRANSITION', message });
    }
    await ctx.saga.resume(tenantId, id);
    return (await find()) ?? order;
  });
}
