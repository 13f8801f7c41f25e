import { formatMoney } from '../../shared/money';
import type { CartDiscountCodeReason } from '../generated/resolvers';
import { combine } from '../pricing/combineDiscounts';
import { classOf, type Discount, minimumQuantityOf } from '../pricing/discount';
import type { PricedLine, Pricing, PricingRules } from '../pricing/pricing';

/** A code that the buyer named, and why it takes nothing off. */
export interface CodeOfCart {
  code: string;
  /** Null when it is not known. */
  applicable: boolean | null;
  reason: CartDiscountCodeReason | null;
  message: string | null;
}

const MESSAGES: Record<
  Exclude<CartDiscountCodeReason, 'MINIMUM_NOT_REACHED' | 'MINIMUM_QUANTITY_NOT_REACHED'>,
  string
> = {
  NOT_FOUND: 'There is no such code.',
  NOT_STARTED: 'The code is not valid yet.',
  EXPIRED: 'The code is not valid any more.',
  USED_UP: 'The code was used as often as it may be.',
  USED_BY_CUSTOMER: 'You have used the code as often as you may.',
  CUSTOMER_NOT_ELIGIBLE: 'The code is for other customers.',
  CURRENCY_MISMATCH: 'The code is for another currency.',
  NO_ITEMS: 'The code is for other items than these.',
  SHIPPING_NOT_ELIGIBLE: 'The code is not for shipping to this address, or for this way to ship.',
  NOT_COMBINED: 'The code can’t be combined with discounts that take off more.',
  NO_EFFECT: 'There is nothing that the code could take something off.',
};

/** The code applies: another cart of the same items may use it. */
const APPLICABLE: readonly (CartDiscountCodeReason | null)[] = [null, 'NOT_COMBINED', 'NO_EFFECT'];

type Reason = Pick<CodeOfCart, 'reason' | 'message'>;

/** What became of the codes that a buyer named, in their order. */
export function codesOfCart(
  codes: readonly string[],
  rules: PricingRules,
  pricing: Pricing,
  currencyCode: string,
): CodeOfCart[] {
  return codes.map((code) => {
    const { reason, message } = whyNot(code, rules, pricing, currencyCode);
    return { code, applicable: APPLICABLE.includes(reason), reason, message };
  });
}

function whyNot(
  code: string,
  { codeDiscounts, unusableCodes, hasDestination }: PricingRules,
  { inapplicable, discounts, shippingFault, needsAddress }: Pricing,
  currencyCode: string,
): Reason {
  const discount = codeDiscounts.find((one) => one.code === code);
  if (!discount) return because(unusableCodes.find((one) => one.code === code)?.reason ?? 'NOT_FOUND');
  const reason = inapplicable.find((one) => one.discount === discount)?.reason;
  if (reason === 'MINIMUM_NOT_REACHED' || reason === 'MINIMUM_QUANTITY_NOT_REACHED') {
    return belowMinimum(reason, discount, currencyCode);
  }
  if (reason) return because(reason);
  if (discounts.some((applied) => applied.discount === discount)) return NONE;
  if (!discounts.every((applied) => combine(applied.discount, discount))) return because('NOT_COMBINED');
  const isPriceKnown = shippingFault === null && (hasDestination || !needsAddress);
  if (classOf(discount) === 'SHIPPING' && !isPriceKnown) return NONE;
  return because('NO_EFFECT');
}

const NONE: Reason = { reason: null, message: null };

const because = (reason: keyof typeof MESSAGES): Reason => ({ reason, message: MESSAGES[reason] });

function belowMinimum(
  reason: 'MINIMUM_NOT_REACHED' | 'MINIMUM_QUANTITY_NOT_REACHED',
  discount: Discount,
  currencyCode: string,
): Reason {
  if (reason === 'MINIMUM_QUANTITY_NOT_REACHED') {
    return { reason, message: `The code is for orders of at least ${minimumQuantityOf(discount)} of its items.` };
  }
  const { amount } = formatMoney({ minorUnits: discount.minimumSubtotal, currencyCode });
  return { reason, message: `The code is for orders of at least ${amount} ${currencyCode} of its items.` };
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
  return pricing.discounts.map(({ discount, amount, shares }) => ({
    title: discount.title,
    code: discount.code,
    discountClass: classOf(discount),
    amount: money(amount),
    lines: priced.flatMap(({ line: { id: lineId } }, index) => {
      const share = shares[index] ?? 0n;
      return share > 0n ? [{ lineId, amount: money(share) }] : [];
    }),
  }));
}
