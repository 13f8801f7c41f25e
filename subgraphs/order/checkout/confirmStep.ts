import { LeaseLost } from '../../shared/lease';
import { Prisma } from '../generated/prisma/client';
import { confirmedEvent } from '../orders/orderEvents';
import { confirmPlaced, lockPlaced } from '../orders/placedOrder';
import type { CheckoutResult, CheckoutSaga, CheckoutTransaction } from './checkoutSaga';

/**
 * Confirms the order and gives it its number, unless its deadline has passed by the database's clock. The reservation of its stock expires a little later, so a
 * confirmed order still has it.
 */
export async function confirmOrder(
  { tenantId, orderId, memo }: CheckoutSaga,
  { db: tx }: CheckoutTransaction,
): Promise<CheckoutResult> {
  const inTime = memo.placed
    ? // The deadline is set in this transaction.
      Prisma.sql`true`
    : Prisma.sql`EXISTS (SELECT FROM order_sagas WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND confirm_before > now())`;
  const order = memo.placed ?? (await lockPlaced(tx, tenantId, orderId));
  const confirmed = await confirmPlaced(tx, order, inTime);
  if (confirmed) return { is: 'done', write: async () => ({ events: [confirmedEvent(order, confirmed)] }) };
  const { status } = await tx.order.findFirstOrThrow({ where: { tenantId, id: orderId }, select: { status: true } });
  if (status !== 'PENDING') throw new LeaseLost();
  return { is: 'refused', refusal: [PAYMENT_TIMED_OUT] };
}

export const PAYMENT_TIMED_OUT = {
  field: ['input', 'paymentMethodId'],
  code: 'PAYMENT_TIMED_OUT' as const,
  message: 'The payment was not made in time. Nothing was bought.',
};
