import { notFound, payload, refusal, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Order } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';
import type { SagaRunner } from './sagaEngine';
import { isSagaWaiting, wakeSaga } from './sagaLease';

/**
 * Retries the current step of an order's saga now. It skips no step, so the cause of the failure has to be fixed first. When another process is
 * trying it too, the fencing token keeps the slower one from writing.
 */
export function orderSagaRetry(ctx: Context & { services: { saga: SagaRunner } }, id: string) {
  const { db, tenantId } = ctx;
  return payload<'order', Order, UserErrorCode>('order', async () => {
    const woken = await db.$executeRaw`
      UPDATE order_sagas SET ${wakeSaga} WHERE tenant_id = ${tenantId} AND order_id = ${id} AND ${isSagaWaiting}`;
    const find = () => db.order.findFirst({ where: { tenantId, id } });
    const order = await find();
    if (!order) throw new UserErrors(notFound('order'));
    if (woken === 0) {
      const message = 'No step of this order waits to be tried again.';
      throw refusal<UserErrorCode>(['id'], 'INVALID_TRANSITION', message);
    }
    await ctx.services.saga.resume(tenantId, id);
    return (await find()) ?? order;
  });
}
