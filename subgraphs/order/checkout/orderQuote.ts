import { formatMoney, type Money, parseMoney } from '../../shared/money';
import type { UserError } from '../../shared/userErrors';
import type { ReservedLine } from '../catalog/stockClient';
import type { Tx } from '../database';
import type { OrderQuote } from '../generated/prisma/client';
import type { MoneyInput, UserErrorCode } from '../generated/resolvers';

/** The prices that the buyer was shown before the order. */
export interface Quote {
  expectedTotal?: MoneyInput | null | undefined;
  /** By variant, for an order from a cart. */
  seenPrices?: Record<string, MoneyInput> | null | undefined;
}

export const isQuoted = ({ expectedTotal, seenPrices }: Quote): boolean => expectedTotal != null || seenPrices != null;

/** Stores a quote until the order is priced. */
export async function keepQuote(
  tx: Tx,
  { tenantId, orderId }: { tenantId: string; orderId: string },
  quote: Quote,
): Promise<OrderQuote | null> {
  if (!isQuoted(quote)) return null;
  const { expectedTotal, seenPrices } = quote;
  const expected: Money | null = expectedTotal == null ? null : parseMoney(expectedTotal, 'input.expectedTotal');
  return tx.orderQuote.create({
    data: {
      tenantId,
      orderId,
      ...(seenPrices && { seenPrices: { ...seenPrices } }),
      expectedTotalAmount: expected?.minorUnits ?? null,
      expectedCurrency: expected?.currencyCode ?? null,
    },
  });
}

/** The differences between the order's prices and the quote. */
export function changedPrices(quote: OrderQuote, lines: ReservedLine[], total: Money): UserError<UserErrorCode>[] {
  const { seenPrices, expectedTotalAmount, expectedCurrency } = quote;
  const changed: UserError<UserErrorCode>[] = [];
  const add = (field: string[], message: string) => changed.push({ field, code: 'PRICE_CHANGED', message });
  if (seenPrices) {
    for (const [index, { variantId, unitPrice }] of lines.entries()) {
      const { amount, currencyCode } = formatMoney(unitPrice);
      const seen = seenPrices[variantId];
      const isSame = seen?.amount === amount && seen.currencyCode === currencyCode;
      if (!isSame) add(['input', 'lines', String(index)], `It now costs ${amount} ${currencyCode}.`);
    }
  }
  const isAsExpected = expectedTotalAmount === total.minorUnits && expectedCurrency === total.currencyCode;
  if (expectedTotalAmount !== null && !isAsExpected) {
    const { amount, currencyCode } = formatMoney(total);
    add(['input', 'expectedTotal'], `It would come to ${amount} ${currencyCode}.`);
  }
  return changed;
}
