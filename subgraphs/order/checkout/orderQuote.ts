import { formatMoney, type Money, parseMoney } from '../../shared/money';
import type { ReservedLine } from '../catalog/stockClient';
import type { HookAnswers } from '../checkoutHook/applyHooks';
import { isWanted, type WantedCredit } from '../credit/wantedCredit';
import type { Tx } from '../database';
import { type OrderQuote, Prisma } from '../generated/prisma/client';
import type { MoneyInput } from '../generated/resolvers';
import {
  changedDue,
  changedSums,
  type OrderError,
  priceChanged,
  type SeenCost,
  seenCostOf,
} from '../pricing/priceChange';
import type { Pricing } from '../pricing/pricing';

/** The prices that the buyer was shown before the order. */
export interface Quote {
  expectedTotal?: MoneyInput | null | undefined;
  /** By variant, for an order from a cart. */
  seenPrices?: Record<string, MoneyInput> | null | undefined;
  /** Of the cart. */
  seenCost?: SeenCost | null | undefined;
  /** What the buyer pays with, of the cart. */
  credit?: WantedCredit | null | undefined;
  /** Of the store's hooks, which are not asked again. */
  hookAnswers?: HookAnswers | null | undefined;
}

export const isQuoted = ({ expectedTotal, seenPrices, seenCost, credit, hookAnswers }: Quote): boolean =>
  expectedTotal != null || seenPrices != null || seenCost != null || credit != null || hookAnswers != null;

/** What the buyer was shown as due; null where they were shown no whole sum, or what credit pays of it is not known yet. */
export function shownDue({ expectedTotal, seenCost, credit }: Quote): Money | null {
  if (expectedTotal != null) {
    return credit && isWanted(credit) ? null : parseMoney(expectedTotal, 'input.expectedTotal');
  }
  if (seenCost?.due == null) return null;
  return { minorUnits: BigInt(seenCost.due), currencyCode: seenCost.currencyCode };
}

/** Stores a quote until the order is priced. */
export async function keepQuote(
  tx: Tx,
  { tenantId, orderId }: { tenantId: string; orderId: string },
  quote: Quote,
): Promise<OrderQuote | null> {
  if (!isQuoted(quote)) return null;
  const { expectedTotal, seenPrices, seenCost, credit, hookAnswers } = quote;
  const expected: Money | null = expectedTotal == null ? null : parseMoney(expectedTotal, 'input.expectedTotal');
  return tx.orderQuote.create({
    data: {
      tenantId,
      orderId,
      ...(seenPrices && { seenPrices: { ...seenPrices } }),
      seenCost: seenCost ? { ...seenCost } : Prisma.DbNull,
      credit: credit && isWanted(credit) ? { ...credit } : Prisma.DbNull,
      hookAnswers: hookAnswers ? { ...hookAnswers } : Prisma.DbNull,
      expectedTotalAmount: expected?.minorUnits ?? null,
      expectedCurrency: expected?.currencyCode ?? null,
    },
  });
}

const CART = ['input', 'cartId'];

/** The differences between the order's prices and the quote. An expected total takes the place of the sums that the cart showed. */
export function changedPrices(
  { seenPrices, seenCost, expectedTotalAmount, expectedCurrency }: OrderQuote,
  lines: ReservedLine[],
  { pricing, due }: { pricing: Pricing; due: bigint },
  currencyCode: string,
): OrderError[] {
  const current = seenCostOf(pricing, currencyCode, { hasAddress: true, due });
  const changed = [
    ...(seenPrices ? changedLines(seenPrices, lines) : []),
    ...(seenCost ? changedDue(seenCost, current, CART) : []),
  ];
  if (expectedTotalAmount === null) {
    if (!seenCost) return changed;
    const sums = changedSums(seenCost, current, CART);
    // Where the lines say which price changed, their sum says nothing more.
    return [...changed, ...sums.filter(({ priceChange }) => priceChange?.part !== 'PRICE' || changed.length === 0)];
  }
  const total = { minorUnits: pricing.total, currencyCode };
  if (expectedTotalAmount === total.minorUnits && expectedCurrency === currencyCode) return changed;
  const expected = { minorUnits: expectedTotalAmount, currencyCode: expectedCurrency ?? currencyCode };
  return [...changed, priceChanged(['input', 'expectedTotal'], 'TOTAL', 'The total', expected, total)];
}

function changedLines(seenPrices: NonNullable<OrderQuote['seenPrices']>, lines: ReservedLine[]): OrderError[] {
  return lines.flatMap(({ variantId, unitPrice }, index) => {
    const { amount, currencyCode } = formatMoney(unitPrice);
    const seen = seenPrices[variantId];
    if (seen?.amount === amount && seen.currencyCode === currencyCode) return [];
    const shown = seen ? parseMoney(seen, 'seenPrice') : null;
    return [priceChanged(['input', 'lines', String(index)], 'PRICE', 'The price of one', shown, unitPrice)];
  });
}
