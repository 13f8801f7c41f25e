import { recordEvents } from '../../shared/events/recordEvent';
import { formatMoney, parseMoney } from '../../shared/money';
import { invalid, refusal, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { CreditAccount, CreditEntry } from '../generated/prisma/client';
import type { CreditAdjustInput, UserErrorCode } from '../generated/resolvers';
import { readWithKey } from '../input/readWithKey';
import { reasonInput } from '../input/reason';
import { balanceEvents, postEntries } from './creditLedger';

export interface Adjustment {
  /** In minor units; below zero for what is taken. */
  amount: bigint;
  currencyCode: string;
  reason: string;
  key: string;
}

/** @throws GraphQLError BAD_USER_INPUT | UserErrors */
export function readAdjustment(input: CreditAdjustInput): Adjustment {
  const { minorUnits, currencyCode } = parseMoney(input.amount, 'input.amount');
  const { reason } = readWithKey(reasonInput, input, input.idempotencyKey);
  if (minorUnits === 0n) throw new UserErrors(invalid(['input', 'amount'], 'more than nothing'));
  return {
    amount: input.direction === 'DEBIT' ? -minorUnits : minorUnits,
    currencyCode,
    reason,
    key: input.idempotencyKey,
  };
}

/** Adjusts the balance of an account, which this transaction has locked; a repeat under the same key changes nothing. @throws UserErrors */
export async function adjust(ctx: Context, tx: Tx, account: CreditAccount, adjustment: Adjustment): Promise<void> {
  const { tenantId } = ctx;
  const { amount, currencyCode, reason, key } = adjustment;
  if (account.currencyCode !== currencyCode) {
    const message = `Its balance is in ${account.currencyCode}.`;
    throw refusal<UserErrorCode>(['input', 'amount'], 'CURRENCY_MISMATCH', message);
  }
  const earlier = await tx.creditEntry.findFirst({ where: { tenantId, accountId: account.id, kind: 'ADJUST', key } });
  if (earlier) return requireSame(earlier, adjustment);
  const cause = { tenantId, kind: 'ADJUST', key, actorId: ctx.caller.userId, reason } as const;
  const posted = await postEntries(tx, cause, [{ accountId: account.id, amount }]);
  if (!posted) {
    const { amount: left } = formatMoney({ minorUnits: account.balance, currencyCode });
    throw refusal<UserErrorCode>(
      ['input', 'amount'],
      'BALANCE_TOO_LOW',
      `No more than ${left} ${currencyCode} is left.`,
    );
  }
  await recordEvents(tx, balanceEvents(posted));
}

/** @throws UserErrors IDEMPOTENCY_CONFLICT */
function requireSame(entry: CreditEntry, { amount, reason }: Adjustment): void {
  if (entry.amount === amount && entry.reason === reason) return;
  const message = 'This key was used for another request. Take a new key for a new request.';
  throw refusal<UserErrorCode>(['input', 'idempotencyKey'], 'IDEMPOTENCY_CONFLICT', message);
}

/** Locks an account's row until the transaction ends. @returns null when there is none. */
export async function lockAccount(tx: Tx, tenantId: string, id: string): Promise<CreditAccount | null> {
  await tx.$queryRaw`SELECT 1 FROM credit_accounts WHERE tenant_id = ${tenantId} AND id = ${id} FOR UPDATE`;
  return tx.creditAccount.findFirst({ where: { tenantId, id } });
}
