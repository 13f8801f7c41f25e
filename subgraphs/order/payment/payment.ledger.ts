import { recordEvent } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { formatMoney } from '../../shared/money';
import type { Db, Tx } from '../database';
import type { OrderFinancialStatus, Payment, PaymentTransactionKind, Prisma } from '../generated/prisma/client';
import { changeFinancialStatus } from '../orders/orderStatus';
import type { ProviderPayment } from './paymentProvider';

/** The payment is not as it was read: whoever wanted to write has to read it again. */
export class PaymentMoved extends Error {
  override readonly name = 'PaymentMoved';
}

const UNDECIDED: Prisma.PaymentWhereInput = { status: { in: ['PENDING', 'REQUIRES_ACTION'] } };

/** Whether a provider's answer is about all of this payment, in its currency. */
export function isPaidOf(payment: Payment, answer: ProviderPayment): boolean {
  return answer.currencyCode === payment.currencyCode && answer.authorized === payment.amount;
}

/** The buyer has to do something, or the provider needs time. */
export async function recordWaiting(db: Db, payment: Payment, answer: ProviderPayment): Promise<void> {
  const status = answer.status === 'REQUIRES_ACTION' ? 'REQUIRES_ACTION' : 'PENDING';
  if (payment.status === status && payment.providerReference === answer.reference) return;
  await db.payment.updateMany({
    where: { ...keyOf(payment), ...UNDECIDED },
    data: { status, providerReference: answer.reference, clientSecret: answer.clientSecret },
  });
}

/** The provider holds the money; one that has taken it already is believed, too. @throws PaymentMoved */
export async function recordAuthorized(tx: Tx, payment: Payment, answer: ProviderPayment): Promise<void> {
  const isCaptured = answer.status === 'CAPTURED';
  await change(tx, payment, UNDECIDED, {
    status: isCaptured ? 'CAPTURED' : 'AUTHORIZED',
    authorizedAmount: answer.authorized,
    capturedAmount: answer.captured,
    providerReference: answer.reference,
    clientSecret: null,
  });
  await changeOrder(tx, payment, 'PENDING', isCaptured ? 'PAID' : 'AUTHORIZED');
  await enter(tx, payment, 'AUTHORIZE', answer.authorized, answer);
  if (!isCaptured) return;
  await enter(tx, payment, 'CAPTURE', answer.captured, answer);
  await tellCaptured(tx, payment, answer);
}

/** @throws PaymentMoved */
export async function recordCaptured(tx: Tx, payment: Payment, answer: ProviderPayment): Promise<void> {
  await change(tx, payment, { status: 'AUTHORIZED' }, { status: 'CAPTURED', capturedAmount: answer.captured });
  await enter(tx, payment, 'CAPTURE', answer.captured, answer);
  await changeOrder(tx, payment, 'AUTHORIZED', 'PAID');
  await tellCaptured(tx, payment, answer);
}

/** What was held for a confirmed order can't be taken any more: a person has to ask its buyer for it. @throws PaymentMoved */
export async function recordHoldLost(tx: Tx, payment: Payment, answer: ProviderPayment): Promise<void> {
  const failureCode = answer.failureCode ?? 'hold_lost';
  const status = answer.status === 'VOIDED' ? 'VOIDED' : 'FAILED';
  const flag = 'The provider does not hold the money any more: the order is confirmed, and not paid.';
  await change(tx, payment, { status: 'AUTHORIZED' }, { status, failureCode, flag });
  await enter(tx, payment, 'CAPTURE', payment.authorizedAmount, { ...answer, failureCode });
  await changeOrder(tx, payment, 'AUTHORIZED', 'VOIDED');
  await tellFailed(tx, payment, failureCode);
}

/** The provider said no, or holds something else than what was asked for, which is then let go of. @throws PaymentMoved */
export async function recordRefused(tx: Tx, payment: Payment, answer: ProviderPayment): Promise<void> {
  const failureCode = answer.failureCode ?? answer.status.toLowerCase();
  const flag = failureCode === 'amount_mismatch' ? 'The provider holds another amount than the order costs.' : null;
  await change(tx, payment, UNDECIDED, {
    status: 'FAILED',
    failureCode,
    flag,
    providerReference: answer.reference,
    clientSecret: null,
  });
  await enter(tx, payment, 'AUTHORIZE', payment.amount, { ...answer, failureCode });
  await changeOrder(tx, payment, 'PENDING', 'VOIDED');
  await tellFailed(tx, payment, failureCode);
}

/**
 * What was held is let go of. What was captured goes back as a refund, which is written down here and done afterwards.
 * @param answer null when the provider has never heard of the payment. @throws PaymentMoved
 */
export async function recordVoided(
  tx: Tx,
  payment: Payment,
  answer: ProviderPayment | null,
  refund: boolean,
): Promise<void> {
  if (answer?.status === 'CAPTURED') return giveBackRest(tx, payment, answer, refund);
  const status = payment.status === 'FAILED' ? 'FAILED' : 'VOIDED';
  await change(tx, payment, { status: payment.status }, { status, clientSecret: null });
  if (payment.authorizedAmount > 0n) await enter(tx, payment, 'VOID', payment.authorizedAmount, answer);
  if (status === 'VOIDED')
    await changeOrder(tx, payment, payment.authorizedAmount > 0n ? 'AUTHORIZED' : 'PENDING', 'VOIDED');
}

async function giveBackRest(tx: Tx, payment: Payment, answer: ProviderPayment, refund: boolean): Promise<void> {
  const { tenantId, orderId, currencyCode } = payment;
  if (payment.status !== 'CAPTURED') {
    // Captured by a process that could not write it down any more.
    const authorizedAmount = answer.authorized;
    await change(tx, payment, {}, { status: 'CAPTURED', authorizedAmount, capturedAmount: answer.captured });
    await enter(tx, payment, 'CAPTURE', answer.captured, answer);
    await changeOrder(tx, payment, payment.authorizedAmount > 0n ? 'AUTHORIZED' : 'PENDING', 'PAID');
    await tellCaptured(tx, payment, answer);
  }
  if (!refund) return;
  const [row] = await tx.$queryRaw<{ rest: bigint }[]>`
    SELECT captured_amount - refunded_amount AS rest FROM payments
    WHERE tenant_id = ${tenantId} AND id = ${payment.id} FOR UPDATE`;
  const amount = row?.rest ?? 0n;
  if (amount === 0n) return;
  await tx.payment.updateMany({ where: keyOf(payment), data: { refundedAmount: { increment: amount } } });
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

/** A line of the ledger. The same one twice is one. */
export async function enter(
  tx: Tx,
  { tenantId, id, orderId }: Payment,
  kind: PaymentTransactionKind,
  amount: bigint,
  answer: { reference: string | null; failureCode: string | null } | null,
  key = `${orderId}:${kind.toLowerCase()}`,
): Promise<void> {
  const failureCode = answer?.failureCode ?? null;
  await tx.paymentTransaction.createMany({
    data: [
      {
        tenantId,
        id: newId('ptx'),
        paymentId: id,
        kind,
        amount,
        succeeded: failureCode === null,
        idempotencyKey: key,
        providerReference: answer?.reference ?? null,
        failureCode,
      },
    ],
    skipDuplicates: true,
  });
}

async function tellCaptured(tx: Tx, payment: Payment, { captured }: ProviderPayment): Promise<void> {
  const data = { orderId: payment.orderId, amount: inCurrencyOf(payment, captured) };
  await recordEvent(tx, { type: 'payment.captured', ...aggregateOf(payment), data });
}

async function tellFailed(tx: Tx, payment: Payment, failureCode: string): Promise<void> {
  const amount = inCurrencyOf(payment, payment.amount);
  const data = { orderId: payment.orderId, amount, code: failureCode.slice(0, 100) };
  await recordEvent(tx, { type: 'payment.failed', ...aggregateOf(payment), data });
}

/** As it is after the change that is told. */
const aggregateOf = ({ id, version }: Payment) => ({ aggregateId: id, aggregateVersion: version + 1 });

const inCurrencyOf = ({ currencyCode }: Payment, minorUnits: bigint) => formatMoney({ currencyCode, minorUnits });

/** What is known of the order's money follows. */
async function changeOrder(
  tx: Tx,
  { tenantId, orderId }: Payment,
  from: OrderFinancialStatus,
  to: OrderFinancialStatus,
): Promise<void> {
  await changeFinancialStatus(tx, { tenantId, orderId, from, to, actorId: null });
}

async function change(
  tx: Tx,
  payment: Payment,
  where: Prisma.PaymentWhereInput,
  data: Prisma.PaymentUpdateManyMutationInput,
): Promise<void> {
  const { count } = await tx.payment.updateMany({
    where: { ...keyOf(payment), ...where },
    data: { ...data, version: { increment: 1 } },
  });
  if (count === 0) throw new PaymentMoved();
}

const keyOf = ({ tenantId, id }: Payment) => ({ tenantId, id });
