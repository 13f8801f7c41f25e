import { MAX_MINOR_UNITS } from '../../shared/limits';
import type { TaxClass } from '../generated/resolvers';
import { type AppliedDiscount, chooseDiscounts } from './combineDiscounts';
import { type Discount, type InapplicableReason, sum } from './discount';
import {
  chooseShipping,
  dearestPrice,
  type Parcel,
  type ShippingFault,
  type ShippingOption,
  type ShippingRate,
  shippingOptions,
} from './shipping';
import { type AskedTaxes, sumTaxLines, type TaxLine, type TaxRate, type TaxRounding, taxParts } from './tax';
import { NO_TAX_RATES, type ProvinceFault, type RatesByClass } from './taxPlace';

/** A store's shipping rates, tax rate and discounts for one buyer at one address. */
export interface PricingRules {
  /** The rates for the address, and those of pickup. Null when the store has no rates at all: then shipping is free. */
  shippingRates: readonly ShippingRate[] | null;
  /** The id of the rate that the buyer chose; null when they have not. */
  shippingOptionId: string | null;
  /** Whether it is known where to. */
  hasDestination: boolean;
  /** ISO 3166-1 alpha-2 of where to; null while it is not known. */
  countryCode: string | null;
  /** The rates for the address; empty where no tax is due. */
  taxRates: RatesByClass;
  taxRounding: TaxRounding;
  /** Those of the store's tax service for exactly these lines and this shipping, instead of the rates; null without. */
  askedTaxes: AskedTaxes | null;
  /** Whether the store's tax service does not answer, and its own rates are not to be used instead. */
  isTaxUnavailable: boolean;
  /** Why the rates for the address can't be told; null when they can. */
  provinceFault: ProvinceFault | null;
  /** Whether the prices of items and shipping include the tax. */
  pricesIncludeTax: boolean;
  /** Whether the buyer owes the tax and not the store: it is not charged. */
  reverseCharge: boolean;
  automaticDiscounts: readonly Discount[];
  /** The discounts of the buyer's codes. */
  codeDiscounts: readonly Discount[];
  /** The buyer's codes that can't be used now; without those that the store does not have. */
  unusableCodes: readonly UnusableCode[];
}

/** The rules of a store without settings. */
export const NO_PRICING_RULES: PricingRules = {
  shippingRates: null,
  shippingOptionId: null,
  hasDestination: true,
  countryCode: null,
  taxRates: NO_TAX_RATES,
  taxRounding: 'LINE',
  askedTaxes: null,
  isTaxUnavailable: false,
  provinceFault: null,
  pricesIncludeTax: false,
  reverseCharge: false,
  automaticDiscounts: [],
  codeDiscounts: [],
  unusableCodes: [],
};

/** A code, and why it can't be used now. */
export interface UnusableCode {
  code: string;
  reason: 'NOT_STARTED' | 'EXPIRED' | 'USED_UP' | 'USED_BY_CUSTOMER' | 'CUSTOMER_NOT_ELIGIBLE';
}

export interface LineToPrice {
  unitPrice: bigint;
  quantity: number;
  taxClass: TaxClass;
  /** How many there are, where `unitPrice` is that of all of them; the quantity when not given. */
  pieces?: number;
  /** The weight of one; nothing when the store does not know it. */
  grams?: number | null;
  /** True when not given. */
  requiresShipping?: boolean;
  productId?: string | null;
  variantId?: string | null;
  /** Those of its product, with all above them. */
  categoryIds?: readonly string[];
  /** Of its product. */
  tags?: readonly string[];
}

export interface PricedLine {
  /** That of the catalog; where reverseCharge took a tax out of it, what is left. */
  unitPrice: bigint;
  /** The unit price times the quantity. */
  subtotal: bigint;
  /** Its share of the order's discounts. */
  discount: bigint;
  /** On the subtotal less the discount, or included in it. */
  tax: bigint;
  /** One for each rate. */
  taxLines: TaxLine[];
}

/**
 * An order's sums, in minor units. They add up exactly:
 *   subtotal = Σ lines.subtotal    discount = Σ lines.discount    tax = Σ lines.tax + shippingTax
 *   discount + shippingDiscount = Σ discounts.amount, and each discount on items = Σ its shares of the lines
 *   tax = Σ taxLines.amount, and so for each line
 *   total = subtotal − discount + shipping, and + tax where prices do not include it
 */
export interface Pricing {
  lines: PricedLine[];
  discounts: AppliedDiscount[];
  /** Why discounts of the buyer's codes don't apply. */
  inapplicable: InapplicableCode[];
  subtotal: bigint;
  /** Of the items. */
  discount: bigint;
  /** What is paid for it: the option's price less shippingDiscount. */
  shipping: bigint;
  shippingDiscount: bigint;
  shippingTax: bigint;
  tax: bigint;
  /** One for each rate, on items and shipping. */
  taxLines: TaxLine[];
  taxRounding: TaxRounding;
  pricesIncludeTax: boolean;
  reverseCharge: boolean;
  total: bigint;
  /** What the buyer can choose from, the cheapest first; empty where nothing is to be shipped, and in a store without rates, which ships for free. */
  shippingOptions: ShippingOption[];
  /** The option of `shipping`; null without options, and where there is a fault. */
  shippingOption: ShippingOption | null;
  /** Why there is no option; `shipping` is 0 then. */
  shippingFault: ShippingFault | null;
  /** Whether something of it is sent, and not fetched. */
  needsAddress: boolean;
}

/** A discount of a code, and why it does not apply. */
interface InapplicableCode {
  discount: Discount;
  reason: InapplicableReason;
}

/** Why an order can't be placed at these sums. */
export type PricingFault =
  | 'TOO_EXPENSIVE'
  | 'ADDRESS_REQUIRED'
  | 'DISCOUNT_NOT_APPLICABLE'
  | 'TAX_UNAVAILABLE'
  | ShippingFault
  | ProvinceFault;

/** What a line costs before discounts and tax, in minor units. */
export const lineSubtotal = ({ unitPrice, quantity }: Pick<LineToPrice, 'unitPrice' | 'quantity'>): bigint =>
  unitPrice * BigInt(quantity);

/**
 * What lines of one currency cost by a store's rules. Tax is on the price after discounts; how it is rounded: see
 * {@link taxParts}.
 */
export function priceOrder(ordered: readonly LineToPrice[], currencyCode: string, ofStore: PricingRules): Pricing {
  const { lines, rules } = ofStore.reverseCharge ? withoutTax(ordered, ofStore) : { lines: ordered, rules: ofStore };
  const subtotals = lines.map(lineSubtotal);
  const subtotal = sum(subtotals);
  const shippingAt = (worth: bigint) => shippingOf(rules, parcelOf(lines, worth), currencyCode);
  const { automaticDiscounts, codeDiscounts } = rules;
  const chosen = chooseDiscounts([...automaticDiscounts, ...codeDiscounts], {
    lines: lines.map((line, index) => ({ ...line, subtotal: subtotals[index] ?? 0n })),
    currencyCode,
    countryCode: rules.countryCode,
    shippingPrice: (worth) => shippingAt(worth).shippingOption?.price ?? null,
    dearestShipping: dearestPrice(rules.shippingRates ?? [], currencyCode),
  });
  const discountShares = chosen.ofLines;
  const discount = sum(discountShares);
  const shippingByRules = shippingAt(subtotal - discount);
  const shipping = (shippingByRules.shippingOption?.price ?? 0n) - chosen.ofShipping;
  const { taxRates, taxRounding, askedTaxes, pricesIncludeTax } = rules;
  const taxed = [
    ...subtotals.map((subtotal, index) => ({
      amount: subtotal - (discountShares[index] ?? 0n),
      rates: taxRates[lines[index]?.taxClass ?? 'STANDARD'],
    })),
    { amount: shipping, rates: taxRates.STANDARD.filter(({ appliesToShipping }) => appliesToShipping) },
  ];
  const taxes = askedTaxes
    ? [...askedTaxes.lines, askedTaxes.shipping]
    : taxParts(taxed, pricesIncludeTax, taxRounding);
  const priced = subtotals.map((subtotal, index) => {
    const taxLines = taxes[index] ?? [];
    const unitPrice = lines[index]?.unitPrice ?? 0n;
    return { unitPrice, subtotal, discount: discountShares[index] ?? 0n, tax: sumOfTaxes(taxLines), taxLines };
  });
  const shippingTax = sumOfTaxes(taxes[lines.length] ?? []);
  const taxLines = sumTaxLines(taxes.flat());
  const tax = sumOfTaxes(taxLines);
  const total = subtotal - discount + shipping + (pricesIncludeTax ? 0n : tax);
  return {
    lines: priced,
    discounts: chosen.applied,
    inapplicable: codeDiscounts.flatMap((one) => {
      const reason = chosen.reasons.get(one);
      return reason ? [{ discount: one, reason }] : [];
    }),
    subtotal,
    discount,
    shipping,
    shippingDiscount: chosen.ofShipping,
    shippingTax,
    tax,
    taxLines,
    taxRounding,
    pricesIncludeTax,
    reverseCharge: rules.reverseCharge,
    total,
    ...shippingByRules,
    needsAddress: isShipped(lines) && (shippingByRules.shippingOption?.rate.pickup ?? null) === null,
  };
}

/** Why an order of these sums can't be placed; empty when it can. */
export function faultsOf(
  pricing: Pricing,
  { hasDestination, provinceFault, isTaxUnavailable }: PricingRules,
): PricingFault[] {
  const faults: PricingFault[] = [];
  if (pricing.subtotal > MAX_MINOR_UNITS || pricing.total > MAX_MINOR_UNITS) faults.push('TOO_EXPENSIVE');
  if (pricing.needsAddress && !hasDestination) faults.push('ADDRESS_REQUIRED');
  else if (pricing.shippingFault !== null) faults.push(pricing.shippingFault);
  if (provinceFault) faults.push(provinceFault);
  if (isTaxUnavailable) faults.push('TAX_UNAVAILABLE');
  if (pricing.inapplicable.length > 0) faults.push('DISCOUNT_NOT_APPLICABLE');
  return faults;
}

/**
 * For a buyer who owes the tax: none is charged, and prices that include it are those without it, each rounded by itself, so that an order
 * shows what one costs.
 */
function withoutTax(lines: readonly LineToPrice[], rules: PricingRules): { lines: LineToPrice[]; rules: PricingRules } {
  const { taxRates, pricesIncludeTax, shippingRates } = rules;
  const net = (amount: bigint, rates: readonly TaxRate[]): bigint =>
    pricesIncludeTax ? amount - sumOfTaxes(taxParts([{ amount, rates }], true, 'LINE').flat()) : amount;
  const onShipping = taxRates.STANDARD.filter(({ appliesToShipping }) => appliesToShipping);
  return {
    lines: lines.map((line) => ({ ...line, unitPrice: net(line.unitPrice, taxRates[line.taxClass]) })),
    rules: {
      ...rules,
      taxRates: NO_TAX_RATES,
      askedTaxes: null,
      pricesIncludeTax: false,
      shippingRates:
        shippingRates?.map((rate) => ({
          ...rate,
          price: net(rate.price, onShipping),
          tiers: rate.tiers.map(({ from, price }) => ({ from, price: price === null ? null : net(price, onShipping) })),
        })) ?? null,
    },
  };
}

type ShippingByRules = Pick<Pricing, 'shippingOptions' | 'shippingOption' | 'shippingFault'>;

function shippingOf(
  { shippingRates, shippingOptionId, hasDestination }: PricingRules,
  parcel: Parcel | null,
  currencyCode: string,
): ShippingByRules {
  if (parcel === null) return { shippingOptions: [], shippingOption: null, shippingFault: null };
  if (shippingRates === null) {
    // A store has rates when an option is chosen: they were deleted since.
    const shippingFault = shippingOptionId === null ? null : 'SHIPPING_OPTION_UNAVAILABLE';
    return { shippingOptions: [], shippingOption: null, shippingFault };
  }
  const options = shippingOptions(shippingRates, parcel, currencyCode);
  const { option, fault } = chooseShipping(options, shippingOptionId, hasDestination);
  return { shippingOptions: options, shippingOption: option, shippingFault: fault };
}

/** Null when there is nothing to ship. */
function parcelOf(lines: readonly LineToPrice[], worth: bigint): Parcel | null {
  if (!isShipped(lines)) return null;
  const shipped = lines.filter(({ requiresShipping = true }) => requiresShipping);
  return {
    worth,
    grams: sum(shipped.map((line) => BigInt(line.grams ?? 0) * piecesOf(line))),
    quantity: sum(shipped.map(piecesOf)),
    productIds: new Set(shipped.flatMap(({ productId }) => productId ?? [])),
  };
}

const isShipped = (lines: readonly LineToPrice[]): boolean =>
  lines.some(({ requiresShipping = true }) => requiresShipping);

const sumOfTaxes = (lines: readonly TaxLine[]): bigint => sum(lines.map(({ amount }) => amount));

const piecesOf = ({ pieces, quantity }: LineToPrice): bigint => BigInt(pieces ?? quantity);
