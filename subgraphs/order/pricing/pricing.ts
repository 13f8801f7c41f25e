import { type AppliedDiscount, chooseDiscounts, type Discount, isApplicable, sumOf } from './discount';
import { shareOut } from './share';
import { type ChosenShipping, cheapestShipping, type ShippingRate } from './shipping';
import { type TaxRate, taxOf } from './tax';

/** The most that an order may cost, in minor units: what a client's decimal and a BIGINT sum both hold. */
const MAX_AMOUNT = 10n ** 15n;

/** What a store asks on top of, or takes off, the prices of its goods, for one buyer at one address. */
export interface PricingTerms {
  /** Those that lead to the address. Null where the store has no rates at all: it sends for nothing. */
  shippingRates: readonly ShippingRate[] | null;
  /** Of the address; null where no tax is due. */
  taxRate: TaxRate | null;
  /** Whether prices, of shipping too, have their tax in them. */
  taxIncluded: boolean;
  automaticDiscounts: readonly Discount[];
  /** The one that the buyer named by its code. */
  codeDiscount: Discount | null;
}

/** Of a store that asks for nothing but its prices. */
export const NO_TERMS: PricingTerms = {
  shippingRates: null,
  taxRate: null,
  taxIncluded: false,
  automaticDiscounts: [],
  codeDiscount: null,
};

export interface LineToPrice {
  unitPrice: bigint;
  quantity: number;
}

export interface PricedLine {
  /** The unit price times the quantity. */
  subtotal: bigint;
  /** Its share of the order's discounts. */
  discount: bigint;
  /** On, or in, what is left after the discount. */
  tax: bigint;
}

/**
 * An order's sums, in minor units. They add up exactly:
 *   subtotal = Σ lines.subtotal    discount = Σ lines.discount = Σ discounts.amount    tax = Σ lines.tax + shippingTax
 *   total = subtotal − discount + shipping, and + tax where prices do not include it
 */
export interface Pricing {
  lines: PricedLine[];
  discounts: AppliedDiscount[];
  subtotal: bigint;
  discount: bigint;
  shipping: bigint;
  shippingTax: bigint;
  tax: bigint;
  taxIncluded: boolean;
  total: bigint;
  /** What `shipping` comes from; null where the store sends for nothing, or not there. */
  shippingRate: ShippingRate | null;
}

/** Why these lines can't be sold on these terms; the sums stand all the same. */
export type PricingFault = 'TOO_EXPENSIVE' | 'SHIPPING_UNAVAILABLE' | 'DISCOUNT_NOT_APPLICABLE';

/**
 * What lines of one currency cost on the store's terms. Tax is rounded line by line, to the nearest minor unit and half a
 * unit up, so that what an invoice shows beside each line is what its sum is made of.
 */
export function priceOrder(lines: readonly LineToPrice[], currencyCode: string, terms: PricingTerms): Pricing {
  const subtotals = lines.map(({ unitPrice, quantity }) => unitPrice * BigInt(quantity));
  const subtotal = sum(subtotals);
  const discounts = chooseDiscounts(terms.automaticDiscounts, terms.codeDiscount, subtotal, currencyCode);
  const discount = sumOf(discounts);
  const discountShares = shareOut(discount, subtotals);
  const priced = subtotals.map((lineSubtotal, index) => {
    const lineDiscount = discountShares[index] ?? 0n;
    const tax = terms.taxRate ? taxOf(lineSubtotal - lineDiscount, terms.taxRate, terms.taxIncluded) : 0n;
    return { subtotal: lineSubtotal, discount: lineDiscount, tax };
  });

  const chosen = shippingOf(terms, subtotal - discount, currencyCode);
  const shipping = chosen?.price ?? 0n;
  const shippingTax = terms.taxRate?.appliesToShipping ? taxOf(shipping, terms.taxRate, terms.taxIncluded) : 0n;
  const tax = sum(priced.map((line) => line.tax)) + shippingTax;
  const total = subtotal - discount + shipping + (terms.taxIncluded ? 0n : tax);
  return {
    lines: priced,
    discounts,
    subtotal,
    discount,
    shipping,
    shippingTax,
    tax,
    taxIncluded: terms.taxIncluded,
    total,
    shippingRate: chosen?.rate ?? null,
  };
}

/** What stands against an order of these sums. */
export function faultsOf(pricing: Pricing, currencyCode: string, terms: PricingTerms): PricingFault[] {
  const { codeDiscount, shippingRates } = terms;
  const faults: PricingFault[] = [];
  if (pricing.subtotal > MAX_AMOUNT || pricing.total > MAX_AMOUNT) faults.push('TOO_EXPENSIVE');
  if (shippingRates !== null && pricing.shippingRate === null) faults.push('SHIPPING_UNAVAILABLE');
  if (codeDiscount && !isApplicable(codeDiscount, pricing.subtotal, currencyCode)) {
    faults.push('DISCOUNT_NOT_APPLICABLE');
  }
  return faults;
}

function shippingOf(terms: PricingTerms, worth: bigint, currencyCode: string): ChosenShipping | null {
  return terms.shippingRates === null ? null : cheapestShipping(terms.shippingRates, worth, currencyCode);
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
