import type { NewEvent } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { formatMoney } from '../../shared/money';
import type { Tx } from '../database';
import { type CreditAccountKind, type CreditEntryKind, Prisma } from '../generated/prisma/client';

/** How much is given to an account, in minor units; below zero for what is taken. */
export interface CreditChange {
  accountId: string;
  amount: bigint;
}

/** What the entries of one call have in common. */
interface EntryCause {
  tenantId: string;
  kind: CreditEntryKind;
  /** What they are written for: an account has one entry of a kind for it. */
  key: string;
  orderId?: string | null;
  /** Clerk user id; null when the system acts. */
  actorId?: string | null;
  reason?: string | null;
}

/** An entry as it was written, with its account's new balance and version. */
export interface PostedEntry extends CreditChange {
  accountKind: CreditAccountKind;
  kind: CreditEntryKind;
  orderId: string | null;
  currencyCode: string;
  balance: bigint;
  version: number;
}

/** For WHERE on `credit_accounts`: it can be spent now, by the database's clock. */
export const isSpendable = Prisma.sql`disabled_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;

/**
 * Appends to the ledgers of accounts and changes their balances, in one statement: all of them, or none when a balance would fall below zero
 * or, for SPEND, an account can't be used (any more). Locks the accounts in the order of their ids to avoid deadlocks.
 * @returns null when nothing was written.
 */
export async function postEntries(
  tx: Tx,
  { tenantId, kind, key, orderId = null, actorId = null, reason = null }: EntryCause,
  changes: readonly CreditChange[],
): Promise<PostedEntry[] | null> {
  if (changes.length === 0) return [];
  const rows = changes.map(({ accountId, amount }) => ({
    id: newId('cent'),
    account: accountId,
    amount: String(amount),
  }));
  const isUsable = kind === 'SPEND' ? isSpendable : Prisma.sql`true`;
  // The rows are read again under their lock, so that a concurrent statement's change counts.
  const posted = await tx.$queryRaw<PostedEntry[]>`
    WITH change AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS change (id text, account text, amount bigint)
    ), locked AS (
      SELECT id, balance, ${isUsable} AS usable FROM credit_accounts
      WHERE tenant_id = ${tenantId} AND id IN (SELECT account FROM change) ORDER BY id FOR UPDATE
    ), allowed AS (
      SELECT count(*) FILTER (WHERE usable AND balance + amount >= 0) = ${rows.length} AS all_of_them
      FROM locked JOIN change ON change.account = locked.id
    ), changed AS (
      UPDATE credit_accounts SET balance = balance + change.amount, version = version + 1, updated_at = now()
      FROM change, allowed
      WHERE tenant_id = ${tenantId} AND credit_accounts.id = change.account AND all_of_them
      RETURNING credit_accounts.id, credit_accounts.kind, currency_code, balance, version, change.id AS entry_id, change.amount
    ), entry AS (
      INSERT INTO credit_entries (tenant_id, id, account_id, kind, amount, balance, key, order_id, actor_id, reason)
      SELECT ${tenantId}, entry_id, id, ${kind}::"CreditEntryKind", amount, balance, ${key}, ${orderId}, ${actorId}, ${reason} FROM changed
    )
    SELECT id AS "accountId", kind AS "accountKind", ${kind} AS kind, ${orderId}::text AS "orderId", currency_code AS "currencyCode", amount,
      balance, version
    FROM changed ORDER BY id`;
  return posted.length === rows.length ? posted : null;
}

/** What is to be recorded in the transaction that wrote the entries. */
export const balanceEvents = (posted: readonly PostedEntry[]): NewEvent[] =>
  posted.map(({ accountId, accountKind, version, kind, amount, balance, currencyCode, orderId }) => ({
    type:
      accountKind === 'GIFT_CARD' ? ('gift_card.balance_changed' as const) : ('store_credit.balance_changed' as const),
    aggregateId: accountId,
    aggregateVersion: version,
    data: {
      kind,
      direction: directionOf(amount),
      amount: formatMoney({ minorUnits: absolute(amount), currencyCode }),
      balance: formatMoney({ minorUnits: balance, currencyCode }),
      orderId,
    },
  }));

/** An amount as the API has it: never below zero. */
export const absolute = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
export const directionOf = (amount: bigint): 'CREDIT' | 'DEBIT' => (amount < 0n ? 'DEBIT' : 'CREDIT');
