import type { NewEvent } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { formatMoney } from '../../shared/money';
import type { Db, Tx } from '../database';
import {
  type OrderFinancialStatus,
  type PaymentStatus,
  type PaymentTransactionKind,
  Prisma,
} from '../generated/prisma/client';
import { financialMove } from '../orders/orderStatus';
import type { HeldPayment, ProviderPayment } from './paymentProvider';

/** The payment is not as it was read: whoever wanted to write has to read it again. */
export class PaymentMoved extends Error {
  override readonly name = 'PaymentMoved';
}

/** A payment as it is now, and what others are to be told of that in the same transaction. */
export interface Recorded {
  payment: HeldPayment;
  events: NewEvent[];
}

const UNDECIDED = ['PENDING', 'REQUIRES_ACTION'] as const satisfies readonly PaymentStatus[];

/** Whether a provider's answer is about all of this payment, in its currency. */
export function isPaidOf(payment: HeldPayment, answer: ProviderPayment): boolean {
  return answer.currencyCode === payment.currencyCode && answer.authorized === payment.amount;
}

/** The buyer has to do something, or the provider needs time. */
export async function recordWaiting(db: Db | Tx, payment: HeldPayment, answer: ProviderPayment): Promise<void> {
  const status = answer.status === 'REQUIRES_ACTION' ? 'REQUIRES_ACTION' : 'PENDING';
  const { tenantId, id, providerReference } = payment;
  if (payment.status === status && providerReference === answer.reference) return;
  await db.payment.updateMany({
    where: { tenantId, id, status: { in: [...UNDECIDED] } },
    data: { status, providerReference: answer.reference, clientSecret: answer.clientSecret },
  });
}

/** The provider holds the money; one that has taken it already is believed, too. @throws PaymentMoved */
export async function recordAuthorized(tx: Tx, payment: HeldPayment, answer: ProviderPayment): Promise<Recorded> {
  const isCaptured = answer.status === 'CAPTURED';
  const authorized: Line = { kind: 'AUTHORIZE', amount: answer.authorized, answer };
  const now = await turn(tx, payment, {
    from: UNDECIDED,
    set: {
      status: isCaptured ? 'CAPTURED' : 'AUTHORIZED',
      authorizedAmount: answer.authorized,
      capturedAmount: answer.captured,
      providerReference: answer.reference,
      clientSecret: null,
    },
    lines: isCaptured ? [authorized, capture(answer)] : [authorized],
    order: { from: 'PENDING', to: isCaptured ? 'PAID' : 'AUTHORIZED' },
  });
  return { payment: now, events: isCaptured ? [capturedEvent(now)] : [] };
}

/** @throws PaymentMoved */
export async function recordCaptured(tx: Tx, payment: HeldPayment, answer: ProviderPayment): Promise<Recorded> {
  const now = await turn(tx, payment, {
    from: ['AUTHORIZED'],
    set: { status: 'CAPTURED', capturedAmount: answer.captured },
    lines: [capture(answer)],
    order: { from: 'AUTHORIZED', to: 'PAID' },
  });
  return { payment: now, events: [capturedEvent(now)] };
}

/** What was held for a confirmed order can't be taken any more: a person has to ask its buyer for it. @throws PaymentMoved */
export async function recordHoldLost(tx: Tx, payment: HeldPayment, answer: ProviderPayment): Promise<Recorded> {
  const failureCode = answer.failureCode ?? 'hold_lost';
  const status = answer.status === 'VOIDED' ? 'VOIDED' : 'FAILED';
  const flag = 'The provider does not hold the money any more: the order is confirmed, and not paid.';
  const now = await turn(tx, payment, {
    from: ['AUTHORIZED'],
    set: { status, failureCode, flag },
    lines: [{ kind: 'CAPTURE', amount: payment.authorizedAmount, answer: { ...answer, failureCode } }],
    order: { from: 'AUTHORIZED', to: 'VOIDED' },
  });
  return { payment: now, events: [failedEvent(now, failureCode)] };
}

/** The provider said no, or holds something else than what was asked for, which is then let go of. @throws PaymentMoved */
export async function recordRefused(tx: Tx, payment: HeldPayment, answer: ProviderPayment): Promise<Recorded> {
  const failureCode = answer.failureCode ?? answer.status.toLowerCase();
  const flag = failureCode === 'amount_mismatch' ? 'The provider holds another amount than the order costs.' : null;
  const now = await turn(tx, payment, {
    from: UNDECIDED,
    set: { status: 'FAILED', failureCode, flag, providerReference: answer.reference, clientSecret: null },
    lines: [{ kind: 'AUTHORIZE', amount: payment.amount, answer: { ...answer, failureCode } }],
    order: { from: 'PENDING', to: 'VOIDED' },
  });
  return { payment: now, events: [failedEvent(now, failureCode)] };
}

/**
 * What was held is let go of. What was captured goes back as a refund, which is written down here and done afterwards.
 * @param answer null when the provider has never heard of the payment. @throws PaymentMoved
 */
export async function recordVoided(
  tx: Tx,
  payment: HeldPayment,
  answer: ProviderPayment | null,
  refund: boolean,
): Promise<Recorded> {
  if (answer?.status === 'CAPTURED') return giveBackRest(tx, payment, answer, refund);
  const status = payment.status === 'FAILED' ? 'FAILED' : 'VOIDED';
  const wasHeld = payment.authorizedAmount > 0n;
  const now = await turn(tx, payment, {
    from: [payment.status],
    set: { status, clientSecret: null },
    lines: wasHeld ? [{ kind: 'VOID', amount: payment.authorizedAmount, answer }] : [],
    order: status === 'VOIDED' ? { from: wasHeld ? 'AUTHORIZED' : 'PENDING', to: 'VOIDED' } : null,
  });
  return { payment: now, events: [] };
}

async function giveBackRest(tx: Tx, payment: HeldPayment, answer: ProviderPayment, refund: boolean): Promise<Recorded> {
  const { tenantId, orderId, currencyCode } = payment;
  const recorded = payment.status === 'CAPTURED' ? { payment, events: [] } : await recordTaken(tx, payment, answer);
  if (!refund) return recorded;
  const [row] = await tx.$queryRaw<{ rest: bigint }[]>`
    SELECT captured_amount - refunded_amount AS rest FROM payments
    WHERE tenant_id = ${tenantId} AND id = ${payment.id} FOR UPDATE`;
  const amount = row?.rest ?? 0n;
  if (amount === 0n) return recorded;
  await tx.payment.updateMany({
    where: { tenantId, id: payment.id },
    data: { refundedAmount: { increment: amount } },
  });
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
  return recorded;
}

/** Captured by a process that could not write it down any more. */
async function recordTaken(tx: Tx, payment: HeldPayment, answer: ProviderPayment): Promise<Recorded> {
  const now = await turn(tx, payment, {
    from: null,
    set: { status: 'CAPTURED', authorizedAmount: answer.authorized, capturedAmount: answer.captured },
    lines: [capture(answer)],
    order: { from: payment.authorizedAmount > 0n ? 'AUTHORIZED' : 'PENDING', to: 'PAID' },
  });
  return { payment: now, events: [capturedEvent(now)] };
}

/** A line of the ledger. The same one twice is one. */
interface Line {
  kind: PaymentTransactionKind;
  amount: bigint;
  answer: { reference: string | null; failureCode: string | null } | null;
  /** What the provider was asked with, where it is not the order's own. */
  key?: string;
}

const capture = (answer: ProviderPayment): Line => ({ kind: 'CAPTURE', amount: answer.captured, answer });

/** Adds a line to the ledger of a payment. */
export async function enter(tx: Tx, payment: HeldPayment, line: Line): Promise<void> {
  await tx.$executeRaw`${entry(payment, line)} ON CONFLICT DO NOTHING`;
}

function entry({ tenantId, id, orderId }: HeldPayment, { kind, amount, answer, key }: Line): Prisma.Sql {
  const failureCode = answer?.failureCode ?? null;
  return Prisma.sql`
    INSERT INTO payment_transactions
      (tenant_id, id, payment_id, kind, amount, succeeded, idempotency_key, provider_reference, failure_code)
    SELECT ${tenantId}, ${newId('ptx')}, ${id}, ${kind}::"PaymentTransactionKind", ${amount}, ${failureCode === null},
      ${key ?? `${orderId}:${kind.toLowerCase()}`}, ${answer?.reference ?? null}, ${failureCode}`;
}

const capturedEvent = (payment: HeldPayment): NewEvent => ({
  type: 'payment.captured',
  ...{ aggregateId: payment.id, aggregateVersion: payment.version },
  data: { orderId: payment.orderId, amount: inCurrencyOf(payment, payment.capturedAmount) },
});

const failedEvent = (payment: HeldPayment, failureCode: string): NewEvent => ({
  type: 'payment.failed',
  ...{ aggregateId: payment.id, aggregateVersion: payment.version },
  data: { orderId: payment.orderId, amount: inCurrencyOf(payment, payment.amount), code: failureCode.slice(0, 100) },
});

const inCurrencyOf = ({ currencyCode }: HeldPayment, minorUnits: bigint) => formatMoney({ currencyCode, minorUnits });

const COLUMNS = {
  status: Prisma.sql`status`,
  authorizedAmount: Prisma.sql`authorized_amount`,
  capturedAmount: Prisma.sql`captured_amount`,
  providerReference: Prisma.sql`provider_reference`,
  clientSecret: Prisma.sql`client_secret`,
  failureCode: Prisma.sql`failure_code`,
  flag: Prisma.sql`flag`,
};

/** What a payment becomes, and what follows from it. */
interface Turn {
  /** Null from whatever it is. */
  from: readonly PaymentStatus[] | null;
  set: Partial<Pick<HeldPayment, Exclude<keyof typeof COLUMNS, 'flag'>>> & { flag?: string | null };
  lines: Line[];
  /** What is known of the order's money. */
  order: { from: OrderFinancialStatus; to: OrderFinancialStatus } | null;
}

/** The payment, its lines in the ledger, its order and that one's history, in one statement. @throws PaymentMoved */
async function turn(tx: Tx, payment: HeldPayment, { from, set, lines, order }: Turn): Promise<HeldPayment> {
  const { tenantId, id, orderId } = payment;
  const changes = Object.entries(set).map(([name, value]) => {
    const type = name === 'status' ? Prisma.sql`::"PaymentStatus"` : Prisma.empty;
    return Prisma.sql`${COLUMNS[name as keyof typeof COLUMNS]} = ${value}${type}`;
  });
  const asExpected = from === null ? Prisma.sql`true` : Prisma.sql`status::text = ANY(${from}::text[])`;
  const given = Prisma.sql`EXISTS (SELECT FROM turned)`;
  const follows = [
    ...lines.map(
      (line, n) =>
        Prisma.sql`entered_${Prisma.raw(String(n))} AS (${entry(payment, line)} FROM turned ON CONFLICT DO NOTHING)`,
    ),
    ...(order ? [financialMove({ tenantId, orderId, ...order, actorId: null, given })] : []),
  ];
  const [turned] = await tx.$queryRaw<{ version: number }[]>`
    WITH ${Prisma.join([
      Prisma.sql`turned AS (
          UPDATE payments SET ${Prisma.join(changes)}, version = version + 1, updated_at = now()
          WHERE tenant_id = ${tenantId} AND id = ${id} AND ${asExpected} RETURNING version
        )`,
      ...follows,
    ])}
    SELECT version FROM turned`;
  if (!turned) throw new PaymentMoved();
  return { ...payment, ...set, version: turned.version };
}
