import { type Money, parseMoney } from '../../shared/money';
import type { Tx } from '../database';
import { redeemCode } from '../discount/redemption';
import type { OrderQuote } from '../generated/prisma/client';
import type { MoneyInput } from '../generated/resolvers';

/** What a buyer goes by when they order. */
export interface Quote {
  discountCode?: string | null | undefined;
  /** What they were told that all of it comes to. */
  expectedTotal?: MoneyInput | null | undefined;
  /** By variant, for an order from a cart. */
  seenPrices?: Record<string, MoneyInput> | null | undefined;
}

/** Whether there is anything to keep. */
export const isQuoted = ({ discountCode, expectedTotal, seenPrices }: Quote): boolean =>
  discountCode != null || expectedTotal != null || seenPrices != null;

interface NewOrder {
  tenantId: string;
  orderId: string;
  email: string;
  customerId: string | null;
}

/** Keeps it with an order that this transaction has written, until the order is priced. @throws UserErrors as redeemCode. */
export async function keepQuote(tx: Tx, order: NewOrder, quote: Quote): Promise<OrderQuote | null> {
  const { discountCode, expectedTotal, seenPrices } = quote;
  if (discountCode != null) await redeemCode(tx, { ...order, code: discountCode });
  if (expectedTotal == null && seenPrices == null) return null;
  const expected: Money | null = expectedTotal == null ? null : parseMoney(expectedTotal, 'input.expectedTotal');
  return tx.orderQuote.create({
    data: {
      tenantId: order.tenantId,
      orderId: order.orderId,
      ...(seenPrices && { seenPrices: { ...seenPrices } }),
      expectedTotalAmount: expected?.minorUnits ?? null,
      expectedCurrency: expected?.currencyCode ?? null,
    },
  });
}
