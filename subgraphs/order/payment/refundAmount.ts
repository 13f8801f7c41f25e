import type { Order, OrderItem } from '../generated/prisma/client';

export interface RefundableItem {
  quantity: number;
  /** What was paid for the whole quantity, in minor units. */
  paid: bigint;
}

/**
 * The refund for `returned` of an item when `returnedBefore` of them were refunded before: the difference of two cumulative amounts, both
 * rounded down, so that partial refunds add up to exactly what was paid.
 */
export function refundAmount({ quantity, paid }: RefundableItem, returnedBefore: number, returned: number): bigint {
  const upTo = (count: number) => (paid * BigInt(count)) / BigInt(quantity);
  return upTo(returnedBefore + returned) - upTo(returnedBefore);
}

/** What was paid for the whole quantity of an item: less its discount, plus its tax where prices do not include it. */
export const paidForItem = (
  { pricesIncludeTax }: Pick<Order, 'pricesIncludeTax'>,
  { totalPriceAmount, discountAmount, taxAmount }: Pick<OrderItem, 'totalPriceAmount' | 'discountAmount' | 'taxAmount'>,
): bigint => totalPriceAmount - discountAmount + (pricesIncludeTax ? 0n : taxAmount);

/** What was paid for shipping, with its tax. */
export const paidForShipping = ({
  shippingAmount,
  shippingTaxAmount,
  pricesIncludeTax,
}: Pick<Order, 'shippingAmount' | 'shippingTaxAmount' | 'pricesIncludeTax'>): bigint =>
  (shippingAmount ?? 0n) + (pricesIncludeTax ? 0n : (shippingTaxAmount ?? 0n));
