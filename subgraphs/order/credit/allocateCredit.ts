/** An account to pay with, with what can be spent of it. */
export interface SpendableAccount {
  id: string;
  balance: bigint;
}

export interface Allocation {
  accountId: string;
  amount: bigint;
}

/** What each account pays of a total: the first ones as much as they can, and nothing for those that are not needed or empty. */
export function allocateCredit(accounts: readonly SpendableAccount[], total: bigint): Allocation[] {
  let due = total;
  return accounts.flatMap(({ id: accountId, balance }) => {
    const isEnough = balance >= due;
    const amount = isEnough ? due : balance;
    due -= amount;
    return amount > 0n ? [{ accountId, amount }] : [];
  });
}

/** What was paid with credit and can be given back still. */
export interface PaidPart {
  accountId: string;
  left: bigint;
}

export interface RefundSplit {
  /** Through the payment's provider. */
  payment: bigint;
  credits: Allocation[];
}

/**
 * Splits a refund over what the order was paid with, in proportion to what is left of each; what rounding leaves goes through the payment, or
 * to the last account. Parts never exceed what is left, and those of all refunds add up to what was paid. @returns null when the amount is too
 * large.
 */
export function splitRefund(amount: bigint, paymentLeft: bigint, credits: readonly PaidPart[]): RefundSplit | null {
  const left = credits.reduce((sum, part) => sum + part.left, paymentLeft);
  if (amount > left) return null;
  let [open, rest] = [amount, left];
  const parts = credits.map(({ accountId, left: ofPart }) => {
    const share = rest === 0n ? 0n : (open * ofPart) / rest;
    open -= share;
    rest -= ofPart;
    return { accountId, amount: share };
  });
  return { payment: open, credits: parts.filter((part) => part.amount > 0n) };
}
