import type { Actor } from '../../shared/callerContext';
import type { NewEvent } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { formatMoney } from '../../shared/money';
import type { Db, Tx } from '../database';
import { refundableOf } from '../dispute/disputeState';
import type { PaymentStatus } from '../generated/prisma/client';
import type { PaymentState, ProviderPayment } from './paymentProvider';
import { type LedgerEntry, transitionPayment } from './transitionPayment';

/** The written payment, and the events to record in the same transaction. */
export interface RecordedPayment {
  payment: PaymentState;
  events: NewEvent[];
}

const UNDECIDED = ['PENDING', 'REQUIRES_ACTION'] as const satisfies readonly PaymentStatus[];

/** Whether the provider has authorized exactly the payment's amount, in its currency. */
export function isFullyAuthorized(payment: PaymentState, report: ProviderPayment): boolean {
  return report.currencyCode === payment.currencyCode && report.authorized === payment.amount;
}

/** The buyer has to act, or the provider needs time. */
export async function recordUndecided(db: Db | Tx, payment: PaymentState, report: ProviderPayment): Promise<void> {
  const status = report.status === 'REQUIRES_ACTION' ? 'REQUIRES_ACTION' : 'PENDING';
  const { tenantId, id, providerReference } = payment;
  if (payment.status === status && providerReference === report.reference) return;
  await db.payment.updateMany({
    where: { tenantId, id, status: { in: [...UNDECIDED] } },
    data: { status, providerReference: report.reference, clientSecret: report.clientSecret },
  });
}

/** The provider has authorized the payment, or has captured it already. @throws PaymentChanged */
export async function recordAuthorized(
  tx: Tx,
  payment: PaymentState,
  report: ProviderPayment,
): Promise<RecordedPayment> {
  const isCaptured = report.status === 'CAPTURED';
  const authorized: LedgerEntry = { kind: 'AUTHORIZE', amount: report.authorized, report };
  const current = await transitionPayment(tx, payment, {
    from: UNDECIDED,
    set: {
      status: isCaptured ? 'CAPTURED' : 'AUTHORIZED',
      authorizedAmount: report.authorized,
      capturedAmount: report.captured,
      providerReference: report.reference,
      clientSecret: null,
    },
    entries: isCaptured ? [authorized, captureEntry(report)] : [authorized],
    financialStatus: { from: 'PENDING', to: isCaptured ? 'PAID' : 'AUTHORIZED' },
  });
  return { payment: current, events: isCaptured ? [capturedEvent(current)] : [] };
}

/** @throws PaymentChanged */
export async function recordCaptured(tx: Tx, payment: PaymentState, report: ProviderPayment): Promise<RecordedPayment> {
  const current = await transitionPayment(tx, payment, {
    from: ['AUTHORIZED'],
    set: { status: 'CAPTURED', capturedAmount: report.captured },
    entries: [captureEntry(report)],
    financialStatus: { from: 'AUTHORIZED', to: 'PAID' },
  });
  return { payment: current, events: [capturedEvent(current)] };
}

/** Staff say that the money of an OFFLINE payment has arrived, all of it. @throws PaymentChanged */
export async function recordPaid(
  tx: Tx,
  payment: PaymentState,
  actor: Actor,
  note: string | null,
): Promise<RecordedPayment> {
  const { amount } = payment;
  const current = await transitionPayment(tx, payment, {
    from: ['PENDING'],
    set: { status: 'CAPTURED', authorizedAmount: amount, capturedAmount: amount },
    entries: [{ kind: 'CAPTURE', amount, report: null, byHand: { actorId: actor.actorId, note } }],
    financialStatus: { from: 'PENDING', to: 'PAID' },
    actor,
  });
  return { payment: current, events: [capturedEvent(current)] };
}

/** The authorization of a confirmed order has expired before it was captured: flags the payment, so that staff contact the buyer. @throws PaymentChanged */
export async function recordAuthorizationLost(
  tx: Tx,
  payment: PaymentState,
  report: ProviderPayment,
): Promise<RecordedPayment> {
  const failureCode = report.failureCode ?? 'hold_lost';
  const status = report.status === 'VOIDED' ? 'VOIDED' : 'FAILED';
  const flag = 'The provider does not hold the money any more: the order is confirmed, and not paid.';
  const current = await transitionPayment(tx, payment, {
    from: ['AUTHORIZED'],
    set: { status, failureCode, flag },
    entries: [{ kind: 'CAPTURE', amount: payment.authorizedAmount, report: { ...report, failureCode } }],
    financialStatus: { from: 'AUTHORIZED', to: 'VOIDED' },
  });
  return { payment: current, events: [failedEvent(current, failureCode)] };
}

/** The provider has declined the payment, or has authorized a different amount, which is voided then. @throws PaymentChanged */
export async function recordDeclined(tx: Tx, payment: PaymentState, report: ProviderPayment): Promise<RecordedPayment> {
  const failureCode = report.failureCode ?? report.status.toLowerCase();
  const flag = failureCode === 'amount_mismatch' ? 'The provider holds another amount than the order costs.' : null;
  const current = await transitionPayment(tx, payment, {
    from: UNDECIDED,
    set: { status: 'FAILED', failureCode, flag, providerReference: report.reference, clientSecret: null },
    entries: [{ kind: 'AUTHORIZE', amount: payment.amount, report: { ...report, failureCode } }],
    financialStatus: { from: 'PENDING', to: 'VOIDED' },
  });
  return { payment: current, events: [failedEvent(current, failureCode)] };
}

/**
 * The payment was voided. If it was captured instead, a refund is written here and executed later.
 * @param report null when the provider does not know the payment. @param refund whether a captured payment is refunded. @throws PaymentChanged
 */
export async function recordVoided(
  tx: Tx,
  payment: PaymentState,
  report: ProviderPayment | null,
  refund: boolean,
): Promise<RecordedPayment> {
  if (report?.status === 'CAPTURED') {
    const recorded =
      payment.status === 'CAPTURED' ? { payment, events: [] } : await recordLateCapture(tx, payment, report);
    if (refund) await refundRemaining(tx, payment);
    return recorded;
  }
  const status = payment.status === 'FAILED' ? 'FAILED' : 'VOIDED';
  const wasAuthorized = payment.authorizedAmount > 0n;
  const current = await transitionPayment(tx, payment, {
    from: [payment.status],
    set: { status, clientSecret: null },
    entries: wasAuthorized ? [{ kind: 'VOID', amount: payment.authorizedAmount, report }] : [],
    financialStatus: status === 'VOIDED' ? { from: wasAuthorized ? 'AUTHORIZED' : 'PENDING', to: 'VOIDED' } : null,
  });
  return { payment: current, events: [] };
}

/** The payment was captured by a process that lost its lease before it could write that. */
async function recordLateCapture(tx: Tx, payment: PaymentState, report: ProviderPayment): Promise<RecordedPayment> {
  const current = await transitionPayment(tx, payment, {
    from: null,
    set: { status: 'CAPTURED', authorizedAmount: report.authorized, capturedAmount: report.captured },
    entries: [captureEntry(report)],
    financialStatus: { from: payment.authorizedAmount > 0n ? 'AUTHORIZED' : 'PENDING', to: 'PAID' },
  });
  return { payment: current, events: [capturedEvent(current)] };
}

/** Writes a refund of what was captured and neither refunded nor taken back by a dispute, with an expired lease, so that recovery executes it at once. */
async function refundRemaining(tx: Tx, { tenantId, id, orderId, currencyCode }: PaymentState): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM payments WHERE tenant_id = ${tenantId} AND id = ${id} FOR UPDATE`;
  const amount = refundableOf(await tx.payment.findFirstOrThrow({ where: { tenantId, id } }));
  if (amount === 0n) return;
  await tx.payment.updateMany({ where: { tenantId, id }, data: { refundedAmount: { increment: amount } } });
  await tx.orderRefund.create({
    data: {
      tenantId,
      id: newId('ref'),
      orderId,
      amount,
      currencyCode,
      reason: 'The order was canceled.',
      lines: [],
      restock: false,
      leaseUntil: new Date(0),
    },
  });
}

const captureEntry = (report: ProviderPayment): LedgerEntry => ({ kind: 'CAPTURE', amount: report.captured, report });

const capturedEvent = (payment: PaymentState): NewEvent => ({
  type: 'payment.captured',
  aggregateId: payment.id,
  aggregateVersion: payment.version,
  data: { orderId: payment.orderId, amount: inCurrencyOf(payment, payment.capturedAmount) },
});

const failedEvent = (payment: PaymentState, failureCode: string): NewEvent => ({
  type: 'payment.failed',
  aggregateId: payment.id,
  aggregateVersion: payment.version,
  data: { orderId: payment.orderId, amount: inCurrencyOf(payment, payment.amount), code: failureCode.slice(0, 100) },
});

const inCurrencyOf = ({ currencyCode }: PaymentState, minorUnits: bigint) => formatMoney({ currencyCode, minorUnits });
