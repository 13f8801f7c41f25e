import type { Actor } from '../../shared/callerContext';
import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import {
  type OrderFinancialStatus,
  type Payment,
  type PaymentStatus,
  type PaymentTransactionKind,
  Prisma,
} from '../generated/prisma/client';
import { financialTransition } from '../orders/orderStatus';
import type { PaymentState } from './paymentProvider';

/** Optimistic locking: the payment has changed since it was read. The caller has to read it again and retry. */
class PaymentChanged extends Error {
  override readonly name = 'PaymentChanged';
}

/** An entry of a payment's ledger. Unique by kind and idempotency key: a second one is ignored. */
export interface LedgerEntry {
  kind: PaymentTransactionKind;
  amount: bigint;
  /** What the provider reported; null when it does not know the payment. */
  report: { reference: string | null; failureCode: string | null } | null;
  /** The idempotency key of the call; by default the order's id and the kind. */
  key?: string | undefined;
  /** Who recorded it by hand, and what they noted. */
  byHand?: { actorId: string | null; note: string | null };
}

const COLUMNS = {
  status: Prisma.sql`status`,
  authorizedAmount: Prisma.sql`authorized_amount`,
  capturedAmount: Prisma.sql`captured_amount`,
  providerReference: Prisma.sql`provider_reference`,
  clientSecret: Prisma.sql`client_secret`,
  failureCode: Prisma.sql`failure_code`,
  flag: Prisma.sql`flag`,
  capturesParts: Prisma.sql`captures_parts`,
  authorizationExpiresAt: Prisma.sql`authorization_expires_at`,
  authorizationCheckAt: Prisma.sql`authorization_check_at`,
};

/** Of parameters whose type PostgreSQL does not infer. */
const TYPES: Partial<Record<string, Prisma.Sql>> = {
  status: Prisma.sql`::"PaymentStatus"`,
  authorizationExpiresAt: Prisma.sql`::timestamptz`,
  authorizationCheckAt: Prisma.sql`::timestamptz`,
};

export interface PaymentTransition {
  /** Null: from any status. */
  from: readonly PaymentStatus[] | null;
  set: Partial<Pick<Payment, keyof typeof COLUMNS>>;
  entries: LedgerEntry[];
  /** The transition of the order's financial status; null for none. */
  financialStatus: { from: OrderFinancialStatus; to: OrderFinancialStatus } | null;
  /** Who changes it; the system when not given. */
  actor?: Actor;
}

/** Changes a payment, appends to its ledger, and changes its order's financial status with its history, in one statement. @throws PaymentChanged */
export async function transitionPayment(
  tx: Tx,
  payment: PaymentState,
  { from, set, entries, financialStatus, actor = { actorId: null, impersonatorId: null } }: PaymentTransition,
): Promise<PaymentState> {
  const { tenantId, id, orderId } = payment;
  const changes = Object.entries(set).map(([name, value]) => {
    const type = TYPES[name] ?? Prisma.empty;
    return Prisma.sql`${COLUMNS[name as keyof typeof COLUMNS]} = ${value}${type}`;
  });
  const isExpected = from === null ? Prisma.sql`true` : Prisma.sql`status::text = ANY(${from}::text[])`;
  const asRead = Prisma.sql`${isExpected} AND captured_amount = ${payment.capturedAmount}`;
  const parts = [
    Prisma.sql`changed AS (
      UPDATE payments SET ${Prisma.join(changes)}, version = version + 1, updated_at = now()
      WHERE tenant_id = ${tenantId} AND id = ${id} AND ${asRead} RETURNING version
    )`,
    ...entries.map(
      (entry, n) =>
        Prisma.sql`${Prisma.raw(`entry_${n}`)} AS (${insertEntry(payment, entry)} FROM changed ON CONFLICT DO NOTHING)`,
    ),
  ];
  if (financialStatus) {
    const condition = Prisma.sql`EXISTS (SELECT FROM changed)`;
    parts.push(financialTransition({ tenantId, orderId, ...financialStatus, ...actor, condition }));
  }
  const [changed] = await tx.$queryRaw<{ version: number }[]>`WITH ${Prisma.join(parts)} SELECT version FROM changed`;
  if (!changed) throw new PaymentChanged();
  return { ...payment, ...set, version: changed.version };
}

/** Appends to the ledger of a payment without changing the payment. */
export async function appendTransaction(tx: Tx, payment: PaymentState, entry: LedgerEntry): Promise<void> {
  await tx.$executeRaw`${insertEntry(payment, entry)} ON CONFLICT DO NOTHING`;
}

/** The INSERT … SELECT without a FROM clause, which the caller may append. */
function insertEntry(
  { tenantId, id, orderId }: PaymentState,
  { kind, amount, report, key, byHand }: LedgerEntry,
): Prisma.Sql {
  const failureCode = report?.failureCode ?? null;
  return Prisma.sql`
    INSERT INTO payment_transactions
      (tenant_id, id, payment_id, kind, amount, succeeded, idempotency_key, provider_reference, failure_code, actor_id, note)
    SELECT ${tenantId}, ${newId('ptx')}, ${id}, ${kind}::"PaymentTransactionKind", ${amount}, ${failureCode === null},
      ${key ?? `${orderId}:${kind.toLowerCase()}`}, ${report?.reference ?? null}, ${failureCode}, ${byHand?.actorId ?? null},
      ${byHand?.note ?? null}`;
}
