import type { Logger } from '../../../shared/log';
import { runInScope } from '../../../shared/scope';
import type { Db, Tx } from '../../database';
import type { Payment } from '../../generated/prisma/client';
import type { SagaRunner } from '../../saga/sagaEngine';
import { wakeSaga } from '../../saga/sagaLease';
import type { PaymentProvider } from '../paymentProvider';
import { wakeRefund } from '../refundLease';
import type { RefundWorker } from '../refundWorker';
import type { StripeEvent, StripeEventResult } from './stripeEvent';
import { processOnce } from './stripeInbox';
import { faultOfClaim } from './stripeMetadata';
import { flagPayment, reviewPayment } from './stripeReview';

export interface StripeWebhookDependencies {
  db: Db;
  provider: PaymentProvider;
  saga: SagaRunner;
  refunds: RefundWorker;
  logger: Logger;
}

/**
 * Processes an event. Events arrive in any order and more than once, so their content may be out of date: the payment is read from Stripe, by the
 * saga or refund that waits for the event and is woken, or else here.
 * @throws what the database or Stripe throws: nothing was written, and Stripe has to send the event again.
 */
export async function processStripeEvent(
  dependencies: StripeWebhookDependencies,
  event: StripeEvent,
): Promise<StripeEventResult> {
  const { tenant_id: tenantId, order_id: orderId } = event.claimed;
  return runInScope({ tenantId }, async () => {
    const { db } = dependencies;
    const payment = await db.payment.findFirst({ where: { tenantId, orderId, provider: 'STRIPE' } });
    if (!payment) return 'refused';
    const fault = faultOfClaim(payment, event);
    if (fault) return once(db, payment, event, (tx) => flagPayment(tx, payment, fault));
    if (event.refundStatus !== null) return wakeRefundOf(dependencies, payment, event);
    const woken = await once(db, payment, event, (tx) => wakeSagaOf(tx, payment));
    if (woken === 'applied') dependencies.saga.resumeInBackground(tenantId, orderId);
    return woken === 'ignored' ? review(dependencies, payment, event) : woken;
  });
}

/** Wakes a saga that waits for the buyer or was postponed, but not one that is calling Stripe now. */
async function wakeSagaOf(tx: Tx, { tenantId, orderId }: Payment): Promise<StripeEventResult> {
  const woken = await tx.$executeRaw`
    UPDATE order_sagas SET ${wakeSaga}
    FROM payments
    WHERE order_sagas.tenant_id = ${tenantId} AND order_sagas.order_id = ${orderId} AND order_sagas.finished_at IS NULL
      AND payments.tenant_id = ${tenantId} AND payments.order_id = ${orderId}
      AND (order_sagas.attempts > 0 OR order_sagas.step = 'AUTHORIZE_PAYMENT' AND payments.provider_reference IS NOT NULL)`;
  return woken > 0 ? 'applied' : 'ignored';
}

/** For an event that no saga waits for: the saga is in progress, or finished before the event. */
async function review({ db, provider, saga }: StripeWebhookDependencies, payment: Payment, event: StripeEvent) {
  const { tenantId, orderId } = payment;
  const finished = await db.orderSaga.findFirst({ where: { tenantId, orderId, finishedAt: { not: null } } });
  if (!finished) return 'ignored';
  const report = await provider.find(payment);
  const outcome = await once(db, payment, event, (tx) => reviewPayment(tx, payment, report, event));
  // Its saga may have been reopened.
  if (outcome === 'flagged') saga.resumeInBackground(tenantId, orderId);
  return outcome;
}

/** Wakes a refund that was pending at Stripe. */
async function wakeRefundOf({ db, refunds, logger }: StripeWebhookDependencies, payment: Payment, event: StripeEvent) {
  const { tenantId, orderId } = payment;
  const { refund_id: id } = event.claimed;
  if (!id) return 'ignored';
  const outcome = await once(db, payment, event, async (tx) => {
    const woken = await tx.$executeRaw`
      UPDATE order_refunds SET ${wakeRefund}
      WHERE tenant_id = ${tenantId} AND id = ${id} AND order_id = ${orderId} AND status = 'PENDING' AND attempts > 0`;
    if (woken > 0) return 'applied';
    if (event.refundStatus !== 'failed') return 'ignored';
    const refund = await tx.orderRefund.findFirst({ where: { tenantId, id, orderId, status: 'SUCCEEDED' } });
    const flag = 'A refund came back to Stripe after it had succeeded: its buyer has no money yet.';
    return refund ? flagPayment(tx, payment, flag) : 'ignored';
  });
  if (outcome === 'applied') {
    void refunds
      .resume(tenantId, id)
      .catch((error: unknown) => logger.error({ err: error }, 'refund left to recovery'));
  }
  return outcome;
}

const once = (
  db: Db,
  { tenantId }: Payment,
  { id: eventId }: StripeEvent,
  effect: (tx: Tx) => Promise<StripeEventResult>,
) => processOnce(db, { tenantId, eventId }, effect);
