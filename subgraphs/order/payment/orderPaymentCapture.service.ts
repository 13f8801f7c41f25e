import { payload, refusal } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Order } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';
import { getOrder } from '../orders/getOrder';
import type { SagaRunner } from '../saga/sagaEngine';
import { reopenSagaAt } from '../saga/sagaLease';

/**
 * Captures an order's authorized payment, in a store whose capture mode is MANUAL. It reopens the saga at CAPTURE_PAYMENT, which handles
 * crashes, timeouts of the provider and concurrent cancellations.
 */
export function orderPaymentCapture(ctx: Context & { services: { saga: SagaRunner } }, id: string) {
  const { db, tenantId } = ctx;
  return payload<'order', Order, UserErrorCode>('order', async () => {
    const reopened = await db.$executeRaw`
      UPDATE order_sagas SET ${reopenSagaAt('CAPTURE_PAYMENT')}, capture_asked = true
      FROM orders, payments
      WHERE order_sagas.tenant_id = ${tenantId} AND order_sagas.order_id = ${id} AND order_sagas.step = 'DONE'
        AND orders.tenant_id = ${tenantId} AND orders.id = ${id} AND orders.status IN ('CONFIRMED', 'FULFILLED')
        AND payments.tenant_id = ${tenantId} AND payments.order_id = ${id} AND payments.status = 'AUTHORIZED'`;
    if (reopened > 0) await ctx.services.saga.resume(tenantId, id);
    const order = await db.$transaction((tx) => getOrder(ctx, tx, id));
    if (reopened > 0) return order;
    throw refusal<UserErrorCode>(['id'], 'INVALID_TRANSITION', 'It has no authorized payment that could be captured.');
  });
}
