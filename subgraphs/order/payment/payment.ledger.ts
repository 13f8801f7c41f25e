import type { Actor } from '../../shared/callerContext';
import type { NewEvent } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { formatMoney } from '../../shared/money';
import type { Db, Tx } from '../database';
import { refundableOf } from '../dispute/disputeState';
import type { PaymentStatus } from '../generated/prisma/client';
import { changeFinancialStatus } from '../orders/orderStatus';
import { CAPTURABLE, failCaptures } from './paymentCapture';
import type { PaymentState, ProviderPayment } from './paymentProvider';
import { type LedgerEntry, type PaymentTransition, transitionPayment } from './transitionPayment';

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
      capturesParts: report.capturesParts,
      ...(!isCaptured && expiryOf(report)),
    },
    entries: isCaptured ? [authorized, captureEntry(report)] : [authorized],
    financialStatus: { from: 'PENDING', to: isCaptured ? 'PAID' : 'AUTHORIZED' },
  });
  return { payment: current, events: isCaptured ? [capturedEvent(current, report.captured)] : [] };
}

/**
 * More of the payment was captured: all that was left, or a part.
 * @param key the idempotency key of the capture; by default that of the whole payment's. @throws PaymentChanged
 */
export async function recordCaptured(
  tx: Tx,
  payment: PaymentState,
  report: ProviderPayment,
  key?: string,
): Promise<RecordedPayment> {
  const { tenantId, orderId } = payment;
  const amount = report.captured - payment.capturedAmount;
  const current = await transitionPayment(tx, payment, {
    from: CAPTURABLE,
    set: {
      status: report.status === 'PARTIALLY_CAPTURED' ? 'PARTIALLY_CAPTURED' : 'CAPTURED',
      capturedAmount: report.captured,
    },
    entries: [{ kind: 'CAPTURE', amount, report, key }],
    financialStatus: paidStatus(payment, report.captured),
  });
  // What was captured before may be refunded by now.
  if (payment.capturedAmount > 0n) {
    const change = { tenantId, orderId, actorId: null };
    await changeFinancialStatus(tx, { ...change, from: 'REFUNDED', to: 'PARTIALLY_REFUNDED' });
  }
  return { payment: current, events: [capturedEvent(current, amount)] };
}

/** How the order's financial status changes when its payment has captured so much; null when it does not. */
function paidStatus({ amount, capturedAmount }: PaymentState, captured: bigint): PaymentTransition['financialStatus'] {
  const from = capturedAmount === 0n ? 'AUTHORIZED' : 'PARTIALLY_PAID';
  const to = captured < amount ? 'PARTIALLY_PAID' : 'PAID';
  return from === to ? null : { from, to };
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
  return { payment: current, events: [capturedEvent(current, amount)] };
}

/** The authorization of a confirmed order has expired before it was captured: flags the payment, so that staff contact the buyer. @throws PaymentChanged */
export async function recordAuthorizationLost(
  tx: Tx,
  payment: PaymentState,
  report: ProviderPayment,
): Promise<RecordedPayment> {
  const failureCode = report.failureCode ?? 'hold_lost';
  const isPaidInPart = payment.capturedAmount > 0n;
  const status = isPaidInPart ? 'CAPTURED' : report.status === 'VOIDED' ? 'VOIDED' : 'FAILED';
  const flag = `The provider does not hold the money any more: the order is confirmed, and not ${isPaidInPart ? 'all of it ' : ''}paid.`;
  const lost = payment.authorizedAmount - payment.capturedAmount;
  const current = await transitionPayment(tx, payment, {
    from: CAPTURABLE,
    set: { status, failureCode, flag },
    entries: [{ kind: 'CAPTURE', amount: lost, report: { ...report, failureCode }, key: `${payment.orderId}:lost` }],
    financialStatus: isPaidInPart ? null : { from: 'AUTHORIZED', to: 'VOIDED' },
  });
  await failCaptures(tx, payment, failureCode);
  return { payment: current, events: [failedEvent(current, lost, failureCode)] };
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
  return { payment: current, events: [failedEvent(current, current.amount, failureCode)] };
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
  await failCaptures(tx, payment, 'order_canceled');
  if (report?.status === 'CAPTURED') {
    const recorded =
      payment.status === 'CAPTURED' ? { payment, events: [] } : await recordKeptCaptures(tx, payment, report);
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

/**
 * What was captured stays so, and the rest is released. More than is known here was captured by a process that lost its lease before it could
 * write that.
 */
async function recordKeptCaptures(tx: Tx, payment: PaymentState, report: ProviderPayment): Promise<RecordedPayment> {
  const isKnown = payment.authorizedAmount > 0n;
  const authorizedAmount = isKnown ? payment.authorizedAmount : report.authorized;
  const late = report.captured - payment.capturedAmount;
  const released = authorizedAmount - report.captured;
  const financialStatus = isKnown
    ? paidStatus(payment, report.captured)
    : { from: 'PENDING' as const, to: 'PAID' as const };
  const current = await transitionPayment(tx, payment, {
    from: null,
    set: { status: 'CAPTURED', authorizedAmount, capturedAmount: report.captured },
    entries: [
      ...(late > 0n ? [{ kind: 'CAPTURE' as const, amount: late, report, key: `${payment.orderId}:capture` }] : []),
      ...(released > 0n ? [{ kind: 'VOID' as const, amount: released, report }] : []),
    ],
    financialStatus: late > 0n ? financialStatus : null,
  });
  return { payment: current, events: late > 0n ? [capturedEvent(current, late)] : [] };
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

/** Staff are told two days before the provider gives the authorization up. */
const TOLD_BEFORE_MS = 2 * 86_400_000;

const expiryOf = ({ authorizationExpiresAt }: ProviderPayment) => ({
  authorizationExpiresAt,
  authorizationCheckAt: authorizationExpiresAt && new Date(authorizationExpiresAt.getTime() - TOLD_BEFORE_MS),
});

const capturedEvent = (payment: PaymentState, amount: bigint): NewEvent => ({
  type: 'payment.captured',
  aggregateId: payment.id,
  aggregateVersion: payment.version,
  data: { orderId: payment.orderId, amount: inCurrencyOf(payment, amount) },
});

const failedEvent = (payment: PaymentState, amount: bigint, failureCode: string): NewEvent => ({
  type: 'payment.failed',
  aggregateId: payment.id,
  aggregateVersion: payment.version,
  data: { orderId: payment.orderId, amount: inCurrencyOf(payment, amount), code: failureCode.slice(0, 100) },
});

const inCurrencyOf = ({ currencyCode }: PaymentState, minorUnits: bigint) => formatMoney({ currencyCode, minorUnits });
