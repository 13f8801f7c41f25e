import { divideRounded } from './share';
import { WHOLE_BASIS_POINTS } from './tax';

/** What a discount takes off, and of which orders. Amounts are in minor units of `currencyCode`. */
export interface Discount {
  id: string;
  title: string;
  /** Null for one that needs no code. */
  code: string | null;
  off: { basisPoints: number } | { amount: bigint };
  /** Of the amount and the minimum; null when there is neither. */
  currencyCode: string | null;
  /** The least that the lines must come to, before any discount; 0 for none. */
  minimumSubtotal: bigint;
  /** Whether it may stand beside another that may. */
  combines: boolean;
}

export interface AppliedDiscount {
  discount: Discount;
  amount: bigint;
}

export const isApplicable = (discount: Discount, subtotal: bigint, currencyCode: string): boolean =>
  (discount.currencyCode === null || discount.currencyCode === currencyCode) && subtotal >= discount.minimumSubtotal;

/**
 * What takes most off: one of the automatic discounts, the one that was asked for by its code, or both where both allow it;
 * the code then works on what the other leaves. Of equals the first, and rather one without a code, whose uses may be counted.
 */
export function chooseDiscounts(
  automatic: readonly Discount[],
  byCode: Discount | null,
  subtotal: bigint,
  currencyCode: string,
): AppliedDiscount[] {
  const applicable = automatic.filter((discount) => isApplicable(discount, subtotal, currencyCode));
  const code = byCode && isApplicable(byCode, subtotal, currencyCode) ? byCode : null;
  const choices = [
    ...applicable.map((discount) => [discount]),
    ...(code ? [[code]] : []),
    ...(code?.combines ? applicable.filter(({ combines }) => combines).map((discount) => [discount, code]) : []),
  ].map((discounts) => applyInTurn(discounts, subtotal));
  const best = choices.reduce<AppliedDiscount[]>((one, other) => (sumOf(other) > sumOf(one) ? other : one), []);
  return best.filter(({ amount }) => amount > 0n);
}

function applyInTurn(discounts: Discount[], subtotal: bigint): AppliedDiscount[] {
  let left = subtotal;
  return discounts.map((discount) => {
    const amount = takenOff(discount, left);
    left -= amount;
    return { discount, amount };
  });
}

/** Never more than there is. A percentage is rounded to the nearest minor unit, and half a unit up. */
function takenOff({ off }: Discount, from: bigint): bigint {
  if ('amount' in off) return off.amount < from ? off.amount : from;
  return divideRounded(from * BigInt(off.basisPoints), WHOLE_BASIS_POINTS);
}

export const sumOf = (applied: readonly AppliedDiscount[]): bigint =>
  applied.reduce((sum, { amount }) => sum + amount, 0n);
