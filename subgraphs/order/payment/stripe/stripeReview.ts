import { recordEvents } from '../../../shared/events/recordEvent';
import type { Tx } from '../../database';
import type { Payment } from '../../generated/prisma/client';
import { reopenSagaAt } from '../../saga/sagaLease';
import { recordCaptured, recordHoldLost } from '../payment.ledger';
import type { ProviderPayment } from '../paymentProvider';
import { fromStripeAmount } from './stripeAmount';
import type { StripeEvent } from './stripeEvent';
import type { ProcessingResult } from './stripeWebhook.service';

/**
 * Brings a payment that nobody works on to what Stripe says of it: a hold that ended or was taken at Stripe itself, money
 * of an order that is called off, or more that went back than was asked for here.
 * @throws PaymentMoved when somebody has begun to work on it.
 */
export async function reviewPayment(
  tx: Tx,
  payment: Payment,
  answer: ProviderPayment | null,
  event: StripeEvent,
): Promise<ProcessingResult> {
  if (!answer) return flagPayment(tx, payment, 'Stripe does not know this payment any more.');
  const isGone = answer.status === 'VOIDED' || answer.status === 'DECLINED';
  const isThere = answer.status === 'AUTHORIZED' || answer.status === 'CAPTURED';
  switch (payment.status) {
    case 'AUTHORIZED':
      if (isGone) await recordEvents(tx, (await recordHoldLost(tx, payment, answer)).events);
      if (answer.status === 'CAPTURED') await recordEvents(tx, (await recordCaptured(tx, payment, answer)).events);
      return isGone ? 'flagged' : answer.status === 'CAPTURED' ? 'applied' : 'ignored';
    case 'VOIDED':
    case 'FAILED':
      return isThere ? giveBack(tx, payment) : 'ignored';
    case 'CAPTURED': {
      const refunded = fromStripeAmount(event.amountRefunded ?? 0, payment.currencyCode);
      // What was set aside here counts before Stripe is asked for it; an old event tells of less.
      if (refunded <= payment.refundedAmount) return 'ignored';
      return flagPayment(tx, payment, 'More of it went back at Stripe than was asked for here.');
    }
    default:
      return 'ignored';
  }
}

/** The money of an order that is called off is let go of, or given back, by its saga. */
async function giveBack(tx: Tx, payment: Payment): Promise<ProcessingResult> {
  const { tenantId, orderId } = payment;
  await tx.$executeRaw`
    UPDATE order_sagas SET ${reopenSagaAt('VOID_PAYMENT')}, refund = true
    FROM orders
    WHERE order_sagas.tenant_id = ${tenantId} AND order_sagas.order_id = ${orderId} AND order_sagas.finished_at IS NOT NULL
      AND orders.tenant_id = ${tenantId} AND orders.id = ${orderId} AND orders.status = 'CANCELED'`;
  return flagPayment(tx, payment, 'Stripe had money for it after it was called off; that goes back.');
}

/** Leaves a word for staff. The first one stays: it is where to begin to look. */
export async function flagPayment(tx: Tx, { tenantId, id }: Payment, flag: string): Promise<ProcessingResult> {
  await tx.payment.updateMany({ where: { tenantId, id, flag: null }, data: { flag } });
  return 'flagged';
}
