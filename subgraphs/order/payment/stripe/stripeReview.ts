import { recordEvents } from '../../../shared/events/recordEvent';
import type { Tx } from '../../database';
import type { Payment } from '../../generated/prisma/client';
import { reopenSagaAt } from '../../saga/sagaLease';
import { recordOutsideRefund } from '../outsideRefund';
import { recordAuthorizationLost, recordCaptured } from '../payment.ledger';
import type { ProviderPayment } from '../paymentProvider';
import { fromStripeAmount } from './stripeAmount';
import type { StripeEvent, StripeEventResult } from './stripeEvent';

/**
 * Reconciles with Stripe a payment whose saga is finished: an authorization that expired or was captured at Stripe itself, money of a canceled
 * order, or refunds that were not requested here.
 * @throws PaymentChanged when the payment has changed since it was read.
 */
export async function reviewPayment(
  tx: Tx,
  payment: Payment,
  report: ProviderPayment | null,
  event: StripeEvent,
): Promise<StripeEventResult> {
  if (!report) return flagPayment(tx, payment, 'Stripe does not know this payment any more.');
  const refunded = fromStripeAmount(event.amountRefunded ?? 0, payment.currencyCode);
  if (refunded > payment.refundedAmount && (await recordOutsideRefund(tx, payment, refunded))) {
    return flagPayment(tx, payment, 'More of it went back at Stripe than was asked for here.');
  }
  const isGone = report.status === 'VOIDED' || report.status === 'DECLINED';
  const isThere = ['AUTHORIZED', 'PARTIALLY_CAPTURED', 'CAPTURED'].includes(report.status);
  switch (payment.status) {
    case 'AUTHORIZED':
    case 'PARTIALLY_CAPTURED': {
      const isCaptured = report.captured > payment.capturedAmount;
      const isLost = isGone || (report.status === 'CAPTURED' && !isCaptured);
      const key = `${event.id}:capture`;
      if (isLost) await recordEvents(tx, (await recordAuthorizationLost(tx, payment, report)).events);
      if (isCaptured) await recordEvents(tx, (await recordCaptured(tx, payment, report, key)).events);
      return isLost ? 'flagged' : isCaptured ? 'applied' : 'ignored';
    }
    case 'VOIDED':
    case 'FAILED':
      return isThere ? voidAgain(tx, payment) : 'ignored';
    default:
      return 'ignored';
  }
}

/** The saga of a canceled order voids or refunds money that Stripe still has. */
async function voidAgain(tx: Tx, payment: Payment): Promise<StripeEventResult> {
  const { tenantId, orderId } = payment;
  await tx.$executeRaw`
    UPDATE order_sagas SET ${reopenSagaAt('VOID_PAYMENT')}, refund = true
    FROM orders
    WHERE order_sagas.tenant_id = ${tenantId} AND order_sagas.order_id = ${orderId} AND order_sagas.finished_at IS NOT NULL
      AND orders.tenant_id = ${tenantId} AND orders.id = ${orderId} AND orders.status = 'CANCELED'`;
  return flagPayment(tx, payment, 'Stripe had money for it after it was canceled; that goes back.');
}

/** Flags a payment for review by staff. An earlier flag is kept, because it is closer to the cause. */
export async function flagPayment(tx: Tx, { tenantId, id }: Payment, flag: string): Promise<StripeEventResult> {
  await tx.payment.updateMany({ where: { tenantId, id, flag: null }, data: { flag } });
  return 'flagged';
}
