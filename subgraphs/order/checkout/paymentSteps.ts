import type { Tx } from '../database';
import { releaseFulfillment } from '../fulfillment/announceFulfillment';
import { changeFinancialStatus } from '../orders/orderStatus';
import {
  isFullyAuthorized,
  type RecordedPayment,
  recordAuthorizationLost,
  recordAuthorized,
  recordCaptured,
  recordDeclined,
  recordUndecided,
  recordVoided,
} from '../payment/payment.ledger';
import { failCaptures, finishCapture, isCapturable, nextCapture } from '../payment/paymentCapture';
import { type PaymentState, type ProviderPayment, providerOf } from '../payment/paymentProvider';
import type {
  CheckoutDependencies,
  CheckoutResult,
  CheckoutSaga,
  CheckoutStepInTransaction,
  CheckoutTransaction,
  CheckoutWrites,
} from './checkoutSaga';
import { PAYMENT_TIMED_OUT } from './confirmStep';

/** How often a provider is asked whether its buyer has completed the payment, in case its webhook does not arrive. */
const POLL_SECONDS = 15;

/** With a connection or a transaction: these steps run in both. */
type PaymentDependencies = CheckoutDependencies | CheckoutTransaction;

/** A step whose payment provider calls no other system can run in the transaction that moves the saga to it. */
export const unlessProviderIsCalled =
  (
    step: (saga: CheckoutSaga, dependencies: CheckoutTransaction) => Promise<CheckoutResult>,
  ): CheckoutStepInTransaction =>
  async (saga, dependencies) => {
    const { payment } = saga.memo;
    if (payment === undefined) return null;
    const isLocal = payment === null || providerOf(dependencies.providers, payment).isLocal(payment);
    return isLocal ? step(saga, dependencies) : null;
  };

const writesOf = async (recording: Promise<RecordedPayment>): Promise<CheckoutWrites> => {
  const { payment, events } = await recording;
  return { events, memo: { payment } };
};

/** Authorizes the order's total. A failed attempt may have authorized it, so a retry first looks the payment up at the provider. */
export async function authorizePayment(
  saga: CheckoutSaga,
  { db, providers }: PaymentDependencies,
): Promise<CheckoutResult> {
  const payment = await findPayment(saga, db);
  if (!payment) return { is: 'done', write: (tx) => recordNothingToPay(tx, saga) };
  if (saga.overdue) return { is: 'refused', refusal: [PAYMENT_TIMED_OUT] };
  const provider = providerOf(providers, payment);
  // The goods are sold on trust: the payment stays PENDING.
  if (!provider.holdsMoney) return { is: 'done' };
  const isFirstAttempt = saga.attempts === 0 && saga.fence === 0;
  const found = isFirstAttempt ? null : await provider.find(payment);
  const report = found ?? (await provider.authorize(payment, `${saga.orderId}:authorize`));
  return resultOf(payment, report, db);
}

/** An order that costs nothing counts as paid. */
async function recordNothingToPay(tx: Tx, { tenantId, orderId }: CheckoutSaga): Promise<CheckoutWrites> {
  await changeFinancialStatus(tx, { tenantId, orderId, from: 'PENDING', to: 'PAID', actorId: null });
  return {};
}

async function resultOf(
  payment: PaymentState,
  report: ProviderPayment,
  db: PaymentDependencies['db'],
): Promise<CheckoutResult> {
  switch (report.status) {
    case 'AUTHORIZED':
    case 'CAPTURED':
      if (isFullyAuthorized(payment, report))
        return { is: 'done', write: (tx) => writesOf(recordAuthorized(tx, payment, report)) };
      return declined(payment, { ...report, failureCode: 'amount_mismatch' });
    case 'DECLINED':
    case 'VOIDED':
      return declined(payment, report);
    default:
      await recordUndecided(db, payment, report);
      return { is: 'waiting', seconds: POLL_SECONDS };
  }
}

function declined(payment: PaymentState, report: ProviderPayment): CheckoutResult {
  const message = 'The payment was declined. Nothing was bought; try another way to pay.';
  return {
    is: 'refused',
    refusal: [{ field: ['input', 'paymentMethodId'], code: 'PAYMENT_DECLINED', message }],
    write: (tx) => writesOf(recordDeclined(tx, payment, report)),
  };
}

/**
 * Captures the payment after the stock was committed. With another capture mode than AUTOMATIC it is captured in parts, those that staff and
 * fulfillments have requested, one after another.
 */
export async function capturePayment(
  saga: CheckoutSaga,
  { db, providers }: PaymentDependencies,
): Promise<CheckoutResult> {
  const payment = await findPayment(saga, db);
  if (!payment) return { is: 'done' };
  const request = payment.captureMode === 'AUTOMATIC' ? null : await nextCapture(db, saga);
  if (!isCapturable(payment)) {
    return request
      ? { is: 'done', write: (tx) => nothingOf(failCaptures(tx, saga, 'not_authorized')) }
      : { is: 'done' };
  }
  if (!request && payment.captureMode !== 'AUTOMATIC') return { is: 'done' };
  const capture = request ?? { amount: payment.authorizedAmount - payment.capturedAmount, isFinal: true };
  const key = request?.id ?? `${saga.orderId}:capture`;
  const report = await providerOf(providers, payment).capture(payment, capture, key);
  // The authorization is lost: a retry can't succeed, so the payment is flagged for staff.
  if (report.status === 'VOIDED' || report.status === 'DECLINED' || isReleased(payment, report)) {
    return { is: 'done', write: (tx) => writesOf(recordAuthorizationLost(tx, payment, report)) };
  }
  const isCaptured = report.captured > payment.capturedAmount;
  if (!request) {
    if (!isCaptured) throw new CaptureRefused(report.failureCode ?? report.status);
    return { is: 'done', write: (tx) => writesOf(recordCaptured(tx, payment, report)) };
  }
  const failureCode = isCaptured ? null : (report.failureCode ?? report.status.toLowerCase());
  return {
    is: 'done',
    again: true,
    write: async (tx) => {
      const recorded = isCaptured ? await writesOf(recordCaptured(tx, payment, report, key)) : {};
      await finishCapture(tx, request, failureCode);
      const { fulfillmentId } = request;
      const sent = isCaptured && fulfillmentId ? await releaseFulfillment(tx, saga, fulfillmentId) : [];
      return { ...recorded, events: [...(recorded.events ?? []), ...sent] };
    },
  };
}

const nothingOf = async (written: Promise<void>): Promise<CheckoutWrites> => {
  await written;
  return {};
};

/** The provider has released what was not captured yet. */
const isReleased = (payment: PaymentState, report: ProviderPayment): boolean =>
  report.status === 'CAPTURED' && report.captured === payment.capturedAmount;

class CaptureRefused extends Error {
  override readonly name = 'CaptureRefused';
}

/** Voids the payment, or refunds it when it was captured, even by a concurrent capture. */
export async function voidPayment(saga: CheckoutSaga, { db, providers }: PaymentDependencies): Promise<CheckoutResult> {
  const payment = await findPayment(saga, db);
  if (!payment) return { is: 'done' };
  const report = await providerOf(providers, payment).void(payment, `${saga.orderId}:void:${payment.version}`);
  // A payment that is being processed, such as a bank transfer, can't be voided yet.
  if (report && report.status !== 'VOIDED' && report.status !== 'CAPTURED') throw new VoidRefused(report.status);
  return { is: 'done', write: (tx) => writesOf(recordVoided(tx, payment, report, saga.refund)) };
}

class VoidRefused extends Error {
  override readonly name = 'VoidRefused';
}

const findPayment = async (
  { tenantId, orderId, memo }: CheckoutSaga,
  db: PaymentDependencies['db'],
): Promise<PaymentState | null> =>
  memo.payment === undefined ? db.payment.findFirst({ where: { tenantId, orderId } }) : memo.payment;
