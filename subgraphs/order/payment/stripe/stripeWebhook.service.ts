import type { Logger } from '../../../shared/log';
import { runInScope } from '../../../shared/scope';
import type { Db, Tx } from '../../database';
import type { Payment } from '../../generated/prisma/client';
import type { SagaEngine } from '../../saga/sagaEngine';
import type { PaymentProvider } from '../paymentProvider';
import type { RefundWork } from '../refundWork';
import { toStripeAmount } from './stripeAmount';
import type { StripeEvent } from './stripeEvent';
import { flagPayment, reviewPayment } from './stripeReview';

const CONSUMER = 'stripe';

/**
 * What became of a delivery. `repeated`: it was taken in before. `ignored`: it tells nothing that is not known, or will be
 * asked for. `refused`: it names an order that its store does not have. `flagged`: staff find a word at the payment.
 */
export type ProcessingResult = 'applied' | 'repeated' | 'ignored' | 'refused' | 'flagged';

export interface StripeWebhookDependencies {
  db: Db;
  provider: PaymentProvider;
  saga: SagaEngine;
  refunds: RefundWork;
  logger: Logger;
}

/**
 * A webhook says that something has happened, not what is so now: they come in any order, and more than once. So it wakes
 * whoever waits for it, who asks Stripe; where nobody does, Stripe is asked here.
 * @throws what the database or Stripe throws: nothing was taken in, and it is to be sent again.
 */
export async function processStripeEvent(
  world: StripeWebhookDependencies,
  event: StripeEvent,
): Promise<ProcessingResult> {
  const { tenant_id: tenantId, order_id: orderId } = event.claimed;
  return runInScope({ tenantId }, async () => {
    const { db } = world;
    const payment = await db.payment.findFirst({ where: { tenantId, orderId, provider: 'STRIPE' } });
    if (!payment) return 'refused';
    const fault = faultOf(payment, event);
    if (fault) return once(db, payment, event, (tx) => flagPayment(tx, payment, fault));
    if (event.refundStatus !== null) return refundChanged(world, payment, event);
    const woken = await once(db, payment, event, (tx) => wakeSaga(tx, payment));
    if (woken === 'applied') world.saga.resumeInBackground(tenantId, orderId);
    return woken === 'ignored' ? review(world, payment, event) : woken;
  });
}

/** Why an event is not about this payment, although it names it. */
function faultOf(payment: Payment, { account, intentId, sum }: StripeEvent): string | null {
  if (account !== payment.providerAccount) return 'Another account at Stripe named this order in its metadata.';
  if (payment.providerReference && intentId !== payment.providerReference) {
    return 'Another payment at Stripe names this order in its metadata.';
  }
  const expected = toStripeAmount(payment.amount, payment.currencyCode);
  if (sum && (sum.currencyCode !== payment.currencyCode || sum.amount !== expected)) {
    return `The payment at Stripe is of ${sum.amount} ${sum.currencyCode}, which is not what the order costs.`;
  }
  return null;
}

/** The saga that waits for the buyer, or was put off, asks Stripe now. One that is asking at this moment is left alone. */
async function wakeSaga(tx: Tx, { tenantId, orderId }: Payment): Promise<ProcessingResult> {
  const woken = await tx.$executeRaw`
    UPDATE order_sagas SET lease_until = now()
    FROM payments
    WHERE order_sagas.tenant_id = ${tenantId} AND order_sagas.order_id = ${orderId} AND order_sagas.finished_at IS NULL
      AND payments.tenant_id = ${tenantId} AND payments.order_id = ${orderId}
      AND (order_sagas.attempts > 0 OR order_sagas.step = 'AUTHORIZE_PAYMENT' AND payments.provider_reference IS NOT NULL)`;
  return woken > 0 ? 'applied' : 'ignored';
}

/** Nobody waits: either the saga is under way, or it is over and something has happened at Stripe since. */
async function review({ db, provider, saga }: StripeWebhookDependencies, payment: Payment, event: StripeEvent) {
  const { tenantId, orderId } = payment;
  const isOver = await db.orderSaga.findFirst({ where: { tenantId, orderId, finishedAt: { not: null } } });
  if (!isOver) return 'ignored';
  const answer = await provider.find(payment);
  const outcome = await once(db, payment, event, (tx) => reviewPayment(tx, payment, answer, event));
  // It may have been opened again.
  if (outcome === 'flagged') saga.resumeInBackground(tenantId, orderId);
  return outcome;
}

/** A refund that the provider needed time for is asked about now. */
async function refundChanged({ db, refunds, logger }: StripeWebhookDependencies, payment: Payment, event: StripeEvent) {
  const { tenantId, orderId } = payment;
  const { refund_id: id } = event.claimed;
  if (!id) return 'ignored';
  const outcome = await once(db, payment, event, async (tx) => {
    const woken = await tx.$executeRaw`
      UPDATE order_refunds SET lease_until = now()
      WHERE tenant_id = ${tenantId} AND id = ${id} AND order_id = ${orderId} AND status = 'PENDING' AND attempts > 0`;
    if (woken > 0) return 'applied';
    if (event.refundStatus !== 'failed') return 'ignored';
    const refund = await tx.orderRefund.findFirst({ where: { tenantId, id, orderId, status: 'SUCCEEDED' } });
    const words = 'A refund came back to Stripe after it had succeeded: its buyer has no money yet.';
    return refund ? flagPayment(tx, payment, words) : 'ignored';
  });
  if (outcome === 'applied') {
    void refunds
      .resume(tenantId, id)
      .catch((error: unknown) => logger.error({ err: error }, 'refund left to recovery'));
  }
  return outcome;
}

/** What has no effect leaves no trace either: it may have one when it is sent again. */
function once(db: Db, { tenantId }: Payment, { id }: StripeEvent, effect: (tx: Tx) => Promise<ProcessingResult>) {
  return db.$transaction(async (tx): Promise<ProcessingResult> => {
    const data = [{ tenantId, consumer: CONSUMER, eventId: id }];
    const { count } = await tx.inboxEvent.createMany({ data, skipDuplicates: true });
    if (count === 0) return 'repeated';
    const outcome = await effect(tx);
    if (outcome === 'ignored') await tx.inboxEvent.deleteMany({ where: { tenantId, consumer: CONSUMER, eventId: id } });
    return outcome;
  });
}
