import { formatMoney } from '../../shared/money';
import type { CartDiscountCodeReason } from '../generated/resolvers';
import { isApplicable } from '../pricing/discount';
import type { PricedLine, Pricing, PricingRules } from '../pricing/pricing';

/** A code that the buyer named, and why it takes nothing off. */
export interface CodeOfCart {
  code: string;
  /** Null when it is not known. */
  applicable: boolean | null;
  reason: CartDiscountCodeReason | null;
  message: string | null;
}

const MESSAGES: Record<Exclude<CartDiscountCodeReason, 'MINIMUM_NOT_REACHED'>, string> = {
  NOT_FOUND: 'There is no such code.',
  NOT_STARTED: 'The code is not valid yet.',
  EXPIRED: 'The code is not valid any more.',
  USED_UP: 'The code was used as often as it may be.',
  USED_BY_CUSTOMER: 'You have used the code as often as you may.',
  CURRENCY_MISMATCH: 'The code is for another currency.',
  NOT_COMBINED: 'The code can’t be combined with a discount that takes off more.',
};

/** What became of the codes that a buyer named, in their order. */
export function codesOfCart(
  codes: readonly string[],
  rules: PricingRules,
  pricing: Pricing,
  currencyCode: string,
): CodeOfCart[] {
  return codes.map((code) => {
    const { reason, message } = whyNot(code, rules, pricing, currencyCode);
    return { code, applicable: reason === null || reason === 'NOT_COMBINED', reason, message };
  });
}

function whyNot(
  code: string,
  { codeDiscounts, unusableCodes }: PricingRules,
  { subtotal, discounts }: Pricing,
  currencyCode: string,
): Pick<CodeOfCart, 'reason' | 'message'> {
  const because = (reason: keyof typeof MESSAGES) => ({ reason, message: MESSAGES[reason] });
  const discount = codeDiscounts.find((one) => one.code === code);
  if (!discount) return because(unusableCodes.find((one) => one.code === code)?.reason ?? 'NOT_FOUND');
  if (!isApplicable(discount, subtotal, currencyCode)) {
    if (discount.currencyCode !== null && discount.currencyCode !== currencyCode) return because('CURRENCY_MISMATCH');
    const { amount } = formatMoney({ minorUnits: discount.minimumSubtotal, currencyCode });
    return {
      reason: 'MINIMUM_NOT_REACHED',
      message: `The code is for orders of at least ${amount} ${currencyCode} of items.`,
    };
  }
  const isApplied = discounts.some((applied) => applied.discount.id === discount.id);
  return isApplied ? { reason: null, message: null } : because('NOT_COMBINED');
}

/** Of a priced cart: its cost, and its lines in their order. */
interface CostOfCart {
  cost: { pricing: Pricing; currencyCode: string } | null;
  lines: { line: { id: string }; priced: PricedLine | null }[];
}

/** The discounts in a cart's cost, each with its shares of the lines that it takes something off. */
export function discountsOfCart({ cost, lines }: CostOfCart) {
  if (!cost) return [];
  const { pricing, currencyCode } = cost;
  const money = (minorUnits: bigint) => formatMoney({ minorUnits, currencyCode });
  const priced = lines.filter((line) => line.priced !== null);
  return pricing.discounts.map(({ discount: { title, code }, amount, shares }) => ({
    title,
    code,
    amount: money(amount),
    lines: priced.flatMap(({ line: { id: lineId } }, index) => {
      const share = shares[index] ?? 0n;
      return share > 0n ? [{ lineId, amount: money(share) }] : [];
    }),
  }));
}
