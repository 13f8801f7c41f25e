import { formatMoney, type Money } from '../../shared/money';
import type { UserError } from '../../shared/userErrors';
import type { MoneyInput, PricePart, UserErrorCode } from '../generated/resolvers';
import type { Pricing } from './pricing';

/** A part of a price that is not what the buyer was shown. */
interface PriceChange {
  part: PricePart;
  /** Null when the buyer was shown none. */
  shown: MoneyInput | null;
  current: MoneyInput;
}

/** A user error of this subgraph, with more about PRICE_CHANGED. */
export type OrderError = UserError<UserErrorCode> & { priceChange?: PriceChange | undefined };

/** The sums that a buyer was shown, in minor units of their currency. Shipping and tax are null until it is known how and where it is shipped. */
export interface SeenCost {
  currencyCode: string;
  subtotal: string;
  discount: string;
  shipping: string | null;
  tax: string | null;
  total: string;
  /** What was left to pay after gift cards and store credit; missing in what was kept before there were any. */
  due?: string | null;
}

export function seenCostOf(
  pricing: Pricing,
  currencyCode: string,
  { hasAddress, due }: { hasAddress: boolean; due: bigint },
): SeenCost {
  const isWhole = hasAddress && pricing.shippingFault === null;
  return {
    currencyCode,
    subtotal: String(pricing.subtotal),
    discount: String(pricing.discount),
    shipping: isWhole ? String(pricing.shipping) : null,
    tax: isWhole ? String(pricing.tax) : null,
    total: String(pricing.total),
    due: isWhole ? String(due) : null,
  };
}

const PARTS: { part: PricePart; name: keyof Omit<SeenCost, 'currencyCode' | 'due'>; says: string }[] = [
  { part: 'PRICE', name: 'subtotal', says: 'The price' },
  { part: 'DISCOUNT', name: 'discount', says: 'The discount' },
  { part: 'SHIPPING', name: 'shipping', says: 'Shipping' },
  { part: 'TAX', name: 'tax', says: 'The tax' },
  { part: 'TOTAL', name: 'total', says: 'The total' },
];

/**
 * The sums that differ from those that the buyer was shown. A total that was shown without shipping and tax is no total of an order: then
 * only the parts are compared.
 */
export function changedSums(seen: SeenCost, current: SeenCost, field: string[]): OrderError[] {
  return PARTS.flatMap(({ part, name, says }) => {
    const [before, after] = [seen[name], current[name]];
    if (before === null || after === null || (part === 'TOTAL' && seen.shipping === null)) return [];
    if (before === after && seen.currencyCode === current.currencyCode) return [];
    const shown = { minorUnits: BigInt(before), currencyCode: seen.currencyCode };
    return [priceChanged(field, part, says, shown, { minorUnits: BigInt(after), currencyCode: current.currencyCode })];
  });
}

/** What is left to pay is not what the buyer was shown, of the same total: a gift card has less on it now, or can't be used. */
export function changedDue(seen: SeenCost, current: SeenCost, field: string[]): OrderError[] {
  if (seen.due == null || current.due == null || seen.due === current.due) return [];
  const { currencyCode } = current;
  if (seen.total !== current.total || seen.currencyCode !== currencyCode) return [];
  const [shown, left] = [BigInt(seen.due), BigInt(current.due)];
  const money = (minorUnits: bigint) => ({ minorUnits, currencyCode });
  return [priceChanged(field, 'DUE', 'What is left to pay', money(shown), money(left))];
}

/** @param says the part, as the beginning of the sentence "… was 5.00 USD, and is 7.00 USD now." */
export function priceChanged(
  field: string[],
  part: PricePart,
  says: string,
  shown: Money | null,
  current: Money,
): OrderError {
  const was = shown && formatMoney(shown);
  const is = formatMoney(current);
  const message = was
    ? `${says} was ${was.amount} ${was.currencyCode}, and is ${is.amount} ${is.currencyCode} now.`
    : `${says} is ${is.amount} ${is.currencyCode}.`;
  return { field, code: 'PRICE_CHANGED', message, priceChange: { part, shown: was, current: is } };
}
