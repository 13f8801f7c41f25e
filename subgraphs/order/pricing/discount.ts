import { divideRounded } from './allocate';
import { WHOLE_BASIS_POINTS } from './tax';

/** What a discount takes something off: the order as a whole, some of its items, or shipping. */
export type DiscountClass = 'ORDER' | 'PRODUCT' | 'SHIPPING';

/** The items that have one of these ids or tags; all items when there are none. */
export interface ItemSelection {
  productIds: string[];
  variantIds: string[];
  /** With all categories below them. */
  categoryIds: string[];
  tags: string[];
}

/** Who buys so many of these items gets so many of the discount's items cheaper. */
export interface BuyXGetY {
  buys: ItemSelection;
  buysQuantity: number;
  getsQuantity: number;
  /** How many times in one order; null for any number. */
  usesPerOrder: number | null;
}

/** Shipping that costs nothing. */
interface FreeShipping {
  /** ISO 3166-1 alpha-2; empty for every country. */
  countryCodes: readonly string[];
  /** Of the option that it makes free; null for any. */
  maximumPrice: bigint | null;
}

export type Reduction =
  | { basisPoints: number }
  /** Once, or off each item. */
  | { amount: bigint; perItem?: boolean }
  | { freeShipping: FreeShipping };

/** What a discount takes off, and which orders it applies to. Amounts are in minor units of `currencyCode`. */
export interface Discount {
  id: string;
  title: string;
  /** Null for one that needs no code. */
  code: string | null;
  off: Reduction;
  /** What it is for; null for the order as a whole. */
  items: ItemSelection | null;
  buyXGetY: BuyXGetY | null;
  /** The currency of its amounts; null when there are none. */
  currencyCode: string | null;
  /** What the items that it asks for must cost at least, before any discount; 0 for none. */
  minimumSubtotal: bigint;
  /** How many of them there must be at least. */
  minimumQuantity: number;
  /** Those that it may be applied together with, if they allow it, too. */
  combinesWith: readonly DiscountClass[];
}

/** A line of an order, as far as a discount asks. */
export interface DiscountedLine {
  unitPrice: bigint;
  quantity: number;
  /** The unit price times the quantity. */
  subtotal: bigint;
  variantId?: string | null | undefined;
  productId?: string | null | undefined;
  /** Those of its product, with all above them. */
  categoryIds?: readonly string[] | undefined;
  tags?: readonly string[] | undefined;
}

/** An order, before any discount. */
export interface DiscountedOrder {
  lines: readonly DiscountedLine[];
  currencyCode: string;
  /** Null when it is not known, or nothing is shipped. */
  countryCode: string | null;
}

/** Why a discount does not apply to an order. */
export type InapplicableReason =
  | 'CURRENCY_MISMATCH'
  | 'NO_ITEMS'
  | 'MINIMUM_NOT_REACHED'
  | 'MINIMUM_QUANTITY_NOT_REACHED'
  | 'SHIPPING_NOT_ELIGIBLE';

export function classOf({ off, items }: Pick<Discount, 'off' | 'items'>): DiscountClass {
  if ('freeShipping' in off) return 'SHIPPING';
  return items === null ? 'ORDER' : 'PRODUCT';
}

export function isSelected(selection: ItemSelection, line: DiscountedLine): boolean {
  const { productIds, variantIds, categoryIds, tags } = selection;
  if ([productIds, variantIds, categoryIds, tags].every(({ length }) => length === 0)) return true;
  return (
    (line.productId != null && productIds.includes(line.productId)) ||
    (line.variantId != null && variantIds.includes(line.variantId)) ||
    (line.categoryIds ?? []).some((id) => categoryIds.includes(id)) ||
    (line.tags ?? []).some((tag) => tags.includes(tag))
  );
}

/** Null for a discount that applies. What the price of shipping decides is known later: see combineDiscounts.ts. */
export function whyInapplicable(discount: Discount, order: DiscountedOrder): InapplicableReason | null {
  const { currencyCode, items, buyXGetY, off, minimumSubtotal, minimumQuantity } = discount;
  if (currencyCode !== null && currencyCode !== order.currencyCode) return 'CURRENCY_MISMATCH';
  const selected = (selection: ItemSelection | null) =>
    selection ? order.lines.filter((line) => isSelected(selection, line)) : order.lines;
  // What must be bought is what the minimums are of.
  const asked = selected(buyXGetY?.buys ?? items);
  if (asked.length === 0 || selected(items).length === 0) return 'NO_ITEMS';
  if (sum(asked.map(({ subtotal }) => subtotal)) < minimumSubtotal) return 'MINIMUM_NOT_REACHED';
  const quantity = asked.reduce((count, line) => count + line.quantity, 0);
  if (quantity < minimumQuantityOf({ buyXGetY, minimumQuantity })) return 'MINIMUM_QUANTITY_NOT_REACHED';
  if ('freeShipping' in off && order.countryCode !== null) {
    const { countryCodes } = off.freeShipping;
    if (countryCodes.length > 0 && !countryCodes.includes(order.countryCode)) return 'SHIPPING_NOT_ELIGIBLE';
  }
  return null;
}

export const minimumQuantityOf = ({ buyXGetY, minimumQuantity }: Pick<Discount, 'buyXGetY' | 'minimumQuantity'>) =>
  Math.max(minimumQuantity, buyXGetY?.buysQuantity ?? 0);

/** What a discount takes off an amount: no more than it. A percentage is rounded to the nearest minor unit, half up. */
export function takenOff(off: Reduction, from: bigint): bigint {
  if ('freeShipping' in off) return 0n;
  if ('amount' in off) return off.amount < from ? off.amount : from;
  return divideRounded(from * BigInt(off.basisPoints), WHOLE_BASIS_POINTS);
}

export const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
