import { recordEvents } from '../../shared/events/recordEvent';
import { payload } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order } from '../generated/prisma/client';
import type { OrderCancelInput, UserErrorCode } from '../generated/resolvers';
import { claimKey } from '../idempotency/claimKey';
import { readWithKey } from '../input/readWithKey';
import { reasonInput } from '../input/reason';
import { getOrder } from '../orders/getOrder';
import { invalidTransition } from '../orders/orderStatus';
import { orderTransaction } from '../orders/orderTransaction';
import type { SagaRunner } from '../saga/sagaEngine';
import { reopenSagaAt } from '../saga/sagaLease';
import { cancelOrder } from './cancelOrder';

/**
 * Cancels a CONFIRMED order. The same transaction reopens its saga at VOID_PAYMENT and revokes the lease, because another process may be
 * committing the stock or capturing the payment: it can't write any more, the catalog refuses a commit after a release, and the
 * provider reports a capture when the payment is to be voided.
 */
export function orderCancel(ctx: Context & { services: { saga: SagaRunner } }, id: string, input: OrderCancelInput) {
  const { tenantId } = ctx;
  return payload<'order', Order, UserErrorCode>('order', async () => {
    const { reason } = readWithKey(reasonInput, input, input.idempotencyKey);
    const order = await orderTransaction(ctx.db, { tenantId, orderId: id }, async (tx) => {
      if (await isRepeat(ctx, tx, id, input)) return getOrder(ctx, tx, id);
      const events = await cancelOrder(tx, {
        tenantId,
        orderId: id,
        from: 'CONFIRMED',
        reason,
        refund: input.refund,
        ...ctx.actor,
      });
      const current = await getOrder(ctx, tx, id);
      if (!events) throw invalidTransition(current, 'CANCELED');
      await recordEvents(tx, events);
      await reopenSaga(tx, current, input);
      return current;
    });
    ctx.services.saga.resumeInBackground(tenantId, id);
    return order;
  });
}

async function isRepeat(ctx: Context, tx: Tx, orderId: string, input: OrderCancelInput): Promise<boolean> {
  const { idempotencyKey: key } = input;
  if (key == null) return false;
  return (await claimKey(ctx, tx, { operation: 'orderCancel', key, request: [orderId, input], orderId })) !== null;
}

async function reopenSaga(tx: Tx, { tenantId, id }: Order, { restock, refund }: OrderCancelInput): Promise<void> {
  await tx.$executeRaw`
    UPDATE order_sagas SET ${reopenSagaAt('VOID_PAYMENT')}, restock = ${restock}, refund = ${refund}
    WHERE tenant_id = ${tenantId} AND order_id = ${id}`;
}
