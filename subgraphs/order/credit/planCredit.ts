import type { Db, Tx } from '../database';
import { type Allocation, allocateCredit } from './allocateCredit';
import { isSpendable } from './creditLedger';
import { isWanted, type WantedCredit } from './wantedCredit';

/** What of a total would be paid with credit now, and what is left to be paid in another way. */
export interface CreditPlan {
  shares: Allocation[];
  due: bigint;
}

/**
 * Reads what can be spent of the accounts that a buyer wants to pay with, and takes it in their order: gift cards, then store credit. An
 * account in another currency, that has expired or is switched off pays nothing. One statement; none when the buyer wants no credit.
 */
export async function planCredit(
  db: Db | Tx,
  tenantId: string,
  wanted: WantedCredit | null,
  total: bigint,
  currencyCode: string,
): Promise<CreditPlan> {
  if (!wanted || !isWanted(wanted) || total === 0n) return { shares: [], due: total };
  const { giftCardIds, customerId } = wanted;
  const accounts = await db.$queryRaw<{ id: string; balance: bigint }[]>`
    SELECT id, balance FROM credit_accounts
    WHERE tenant_id = ${tenantId} AND currency_code = ${currencyCode} AND ${isSpendable}
      AND (kind = 'GIFT_CARD' AND id = ANY (${giftCardIds}::text[]) OR kind = 'STORE_CREDIT' AND customer_id = ${customerId})
    ORDER BY array_position(${giftCardIds}::text[], id)`;
  const shares = allocateCredit(accounts, total);
  return { shares, due: shares.reduce((due, share) => due - share.amount, total) };
}
