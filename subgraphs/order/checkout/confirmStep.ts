import type { Tx } from '../database';
import { changeStatus } from '../orders/orderStatus';
import { introduceBuyer, readPlaced } from '../orders/placedOrder';
import { tellConfirmed } from './orderEvents';
import { LeaseLost } from './sagaLease';
import type { HeldSaga, Outcome } from './sagaOutcome';

/**
 * The order is CONFIRMED, unless its time is over by the database's clock: the reservation of its stock lives a little
 * longer than that, so what is confirmed is still held.
 */
export async function confirm({ tenantId, orderId }: HeldSaga, tx: Tx): Promise<Outcome> {
  const inTime = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM order_sagas WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND confirm_before > now()`;
  if (inTime.length === 0) return { is: 'refused', refusal: [TOO_LATE] };
  const changed = await changeStatus(tx, { tenantId, orderId, from: 'PENDING', to: 'CONFIRMED', actorId: null });
  if (!changed) throw new LeaseLost();
  const order = await readPlaced(tx, tenantId, orderId);
  await introduceBuyer(tx, order);
  await tellConfirmed(tx, order);
  return { is: 'done' };
}

export const TOO_LATE = {
  field: ['input', 'paymentMethod'],
  code: 'PAYMENT_TIMED_OUT' as const,
  message: 'The payment was not made in time. Nothing was bought.',
};
