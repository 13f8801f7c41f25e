import { Prisma } from '../generated/prisma/client';
import { confirmedEvent } from '../orders/orderEvents';
import { confirmPlaced, lockPlaced } from '../orders/placedOrder';
import { LeaseLost } from '../saga/sagaLease';
import type { LeasedSaga, Outcome, SagaTransaction } from '../saga/stepResult';

/**
 * The order is CONFIRMED, unless its time is over by the database's clock: the reservation of its stock lives a little
 * longer than that, so what is confirmed is still held.
 */
export async function confirm({ tenantId, orderId, known }: LeasedSaga, { db: tx }: SagaTransaction): Promise<Outcome> {
  const inTime = known?.placed
    ? // Its time begins with this transaction.
      Prisma.sql`true`
    : Prisma.sql`EXISTS (SELECT FROM order_sagas WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND confirm_before > now())`;
  const order = known?.placed ?? (await lockPlaced(tx, tenantId, orderId));
  const version = await confirmPlaced(tx, order, inTime);
  if (version !== null) return { is: 'done', write: async () => ({ events: [confirmedEvent(order, version)] }) };
  const { status } = await tx.order.findFirstOrThrow({ where: { tenantId, id: orderId }, select: { status: true } });
  if (status !== 'PENDING') throw new LeaseLost();
  return { is: 'refused', refusal: [TOO_LATE] };
}

export const TOO_LATE = {
  field: ['input', 'paymentMethod'],
  code: 'PAYMENT_TIMED_OUT' as const,
  message: 'The payment was not made in time. Nothing was bought.',
};
