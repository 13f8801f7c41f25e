import { divideRounded } from './allocate';
import { WHOLE_BASIS_POINTS } from './tax';

/** What a discount takes off, and which orders it applies to. Amounts are in minor units of `currencyCode`. */
export interface Discount {
  id: string;
  title: string;
  /** Null for one that needs no code. */
  code: string | null;
  off: { basisPoints: number } | { amount: bigint };
  /** The currency of amount and minimum; null when there is neither. */
  currencyCode: string | null;
  /** The subtotal that an order must have at least, before any discount; 0 for none. */
  minimumSubtotal: bigint;
  /** Whether it may be applied together with another that combines. */
  combines: boolean;
}

export interface AppliedDiscount {
  discount: Discount;
  amount: bigint;
}

export const isApplicable = (discount: Discount, subtotal: bigint, currencyCode: string): boolean =>
  (discount.currencyCode === null || discount.currencyCode === currencyCode) && subtotal >= discount.minimumSubtotal;

/**
 * The discounts that take most off: one automatic discount, the one of the buyer's code, or both when both combine; the code's is then
 * applied to what is left after the automatic one. Ties go to the first one, and to an automatic one, because it uses up no code.
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
  ].map((discounts) => applyInOrder(discounts, subtotal));
  const best = choices.reduce<AppliedDiscount[]>((one, other) => (sumOf(other) > sumOf(one) ? other : one), []);
  return best.filter(({ amount }) => amount > 0n);
}

function applyInOrder(discounts: Discount[], subtotal: bigint): AppliedDiscount[] {
  let left = subtotal;
  return discounts.map((discount) => {
    const amount = takenOff(discount, left);
    left -= amount;
    return { discount, amount };
  });
}

/** At most the given price. A percentage is rounded to the nearest minor unit, half up. */
function takenOff({ off }: Discount, from: bigint): bigint {
  if ('amount' in off) return off.amount < from ? off.amount : from;
  return divideRounded(from * BigInt(off.basisPoints), WHOLE_BASIS_POINTS);
}

export const sumOf = (applied: readonly AppliedDiscount[]): bigint =>
  applied.reduce((sum, { amount }) => sum + amount, 0n);
