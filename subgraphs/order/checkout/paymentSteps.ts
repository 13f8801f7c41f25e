import type { Tx } from '../database';
import { changeFinancialStatus } from '../orders/orderStatus';
import {
  isPaidOf,
  type Recorded,
  recordAuthorized,
  recordCaptured,
  recordHoldLost,
  recordRefused,
  recordVoided,
  recordWaiting,
} from '../payment/payment.ledger';
import { type HeldPayment, type ProviderPayment, providerOf } from '../payment/paymentProvider';
import type { LeasedSaga, Outcome, SagaDependencies, SagaTransaction, StepWithin, Written } from '../saga/stepResult';
import { TOO_LATE } from './confirmStep';

/** How often a provider is asked whether a buyer has done what it wants; its webhook is quicker. */
const ASK_AGAIN_SECONDS = 15;

type AnyWorld = SagaDependencies | SagaTransaction;

/** A step about a payment whose provider asks nobody: it needs no call, and so no transaction of its own. */
export const unlessAsking =
  (step: (saga: LeasedSaga, world: SagaTransaction) => Promise<Outcome>): StepWithin =>
  async (saga, world) => {
    const payment = saga.known?.payment;
    const asks =
      payment === undefined || (payment !== null && !providerOf(world.providers, payment).asksNobody(payment));
    return asks ? null : step(saga, world);
  };

const writes = async (recording: Promise<Recorded>): Promise<Written> => {
  const { payment, events } = await recording;
  return { events, known: { payment } };
};

/** Has the order's total held. A payment that may be under way already is asked about before it is asked for. */
export async function authorizePayment(saga: LeasedSaga, { db, providers }: AnyWorld): Promise<Outcome> {
  const payment = await findPayment(saga, db);
  if (!payment) return { is: 'done', write: (tx) => recordNothingToPay(tx, saga) };
  if (saga.overdue) return { is: 'refused', refusal: [TOO_LATE] };
  const provider = providerOf(providers, payment);
  const isNew = saga.attempts === 0 && saga.fence === 0;
  const known = isNew ? null : await provider.find(payment);
  const answer = known ?? (await provider.authorize(payment, `${saga.orderId}:authorize`));
  return outcomeOf(payment, answer, db);
}

/** What costs nothing is paid. */
async function recordNothingToPay(tx: Tx, { tenantId, orderId }: LeasedSaga): Promise<Written> {
  await changeFinancialStatus(tx, { tenantId, orderId, from: 'PENDING', to: 'PAID', actorId: null });
  return {};
}

async function outcomeOf(payment: HeldPayment, answer: ProviderPayment, db: AnyWorld['db']): Promise<Outcome> {
  switch (answer.status) {
    case 'AUTHORIZED':
    case 'CAPTURED':
      if (isPaidOf(payment, answer))
        return { is: 'done', write: (tx) => writes(recordAuthorized(tx, payment, answer)) };
      return refused(payment, { ...answer, failureCode: 'amount_mismatch' });
    case 'DECLINED':
    case 'VOIDED':
      return refused(payment, answer);
    default:
      await recordWaiting(db, payment, answer);
      return { is: 'waiting', seconds: ASK_AGAIN_SECONDS };
  }
}

function refused(payment: HeldPayment, answer: ProviderPayment): Outcome {
  const message = 'The payment was declined. Nothing was bought; try another way to pay.';
  return {
    is: 'refused',
    refusal: [{ field: ['input', 'paymentMethod'], code: 'PAYMENT_DECLINED', message }],
    write: (tx) => writes(recordRefused(tx, payment, answer)),
  };
}

/** Takes what is held, now that the goods are the buyer's; or leaves it, in a store that wants to be asked. */
export async function capturePayment(saga: LeasedSaga, { db, providers }: AnyWorld): Promise<Outcome> {
  const payment = await findPayment(saga, db);
  if (payment?.status !== 'AUTHORIZED') return { is: 'done' };
  if (!saga.captureAsked && (await isCaptureManual(saga, db))) return { is: 'done' };
  const captured = await providerOf(providers, payment).capture(payment, `${saga.orderId}:capture`);
  if (captured.status === 'CAPTURED')
    return { is: 'done', write: (tx) => writes(recordCaptured(tx, payment, captured)) };
  // For good: what was held is gone. Asking again brings nothing, so a person has to.
  if (captured.status === 'VOIDED' || captured.status === 'DECLINED')
    return { is: 'done', write: (tx) => writes(recordHoldLost(tx, payment, captured)) };
  throw new CaptureRefused(captured.failureCode ?? captured.status);
}

class CaptureRefused extends Error {
  override readonly name = 'CaptureRefused';
}

/** Lets go of what is held. What was captured, also at the last moment, is given back by a refund of its own. */
export async function voidPayment(saga: LeasedSaga, { db, providers }: AnyWorld): Promise<Outcome> {
  const payment = await findPayment(saga, db);
  if (!payment) return { is: 'done' };
  const answer = await providerOf(providers, payment).void(payment, `${saga.orderId}:void:${payment.version}`);
  // Such as a transfer that is being looked at: it can't be let go of yet.
  if (answer && answer.status !== 'VOIDED' && answer.status !== 'CAPTURED') throw new VoidRefused(answer.status);
  return { is: 'done', write: (tx) => writes(recordVoided(tx, payment, answer, saga.refund)) };
}

class VoidRefused extends Error {
  override readonly name = 'VoidRefused';
}

const findPayment = async (
  { tenantId, orderId, known }: LeasedSaga,
  db: AnyWorld['db'],
): Promise<HeldPayment | null> =>
  known?.payment === undefined ? db.payment.findFirst({ where: { tenantId, orderId } }) : known.payment;

async function isCaptureManual({ tenantId }: LeasedSaga, db: AnyWorld['db']): Promise<boolean> {
  const settings = await db.paymentSettings.findFirst({ where: { tenantId }, select: { captureMode: true } });
  return settings?.captureMode === 'MANUAL';
}
