import { payload, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Order } from '../generated/prisma/client';
import type { OrderErrorCode } from '../generated/resolvers';
import { getOrder } from '../orders/getOrder';
import { reopenSagaAt } from '../saga/sagaLease';

/**
 * Takes the money that is held for an order, in a store that does not do so by itself. Its saga is opened again at
 * CAPTURE_PAYMENT, so that a crash, a silent provider and a cancellation at the same time are met as everywhere.
 */
export function orderPaymentCapture(ctx: Context, id: string) {
  const { db, tenantId } = ctx;
  return payload<'order', Order, OrderErrorCode>('order', async () => {
    const asked = await db.$executeRaw`
      UPDATE order_sagas SET ${reopenSagaAt('CAPTURE_PAYMENT')}, capture_asked = true
      FROM orders, payments
      WHERE order_sagas.tenant_id = ${tenantId} AND order_sagas.order_id = ${id} AND order_sagas.step = 'DONE'
        AND orders.tenant_id = ${tenantId} AND orders.id = ${id} AND orders.status IN ('CONFIRMED', 'FULFILLED')
        AND payments.tenant_id = ${tenantId} AND payments.order_id = ${id} AND payments.status = 'AUTHORIZED'`;
    if (asked > 0) await ctx.saga.resume(tenantId, id);
    const order = await db.$transaction((tx) => getOrder(ctx, tx, id));
    if (asked > 0) return order;
    const message = 'No money is held for it that could be taken.';
    throw new UserErrors({ field: ['id'], code: 'INVALID_TRANSITION', message });
  });
}
