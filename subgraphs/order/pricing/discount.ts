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
 * The discounts that take most off: one of them alone, or all of the buyer's codes that combine, with one automatic discount if that
 * combines, too; each is then applied to what is left after those before it, the automatic one first. Ties go to the first choice, and
 * to an automatic discount, because it uses up no code.
 */
export function chooseDiscounts(
  automatic: readonly Discount[],
  byCode: readonly Discount[],
  subtotal: bigint,
  currencyCode: string,
): AppliedDiscount[] {
  const applies = (discount: Discount) => isApplicable(discount, subtotal, currencyCode);
  const [applicable, codes] = [automatic.filter(applies), byCode.filter(applies)];
  const combining = codes.filter(({ combines }) => combines);
  const choices = [
    ...applicable.map((discount) => [discount]),
    ...codes.map((discount) => [discount]),
    ...applicable.filter(({ combines }) => combines).map((discount) => [discount, ...combining]),
    combining,
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
