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
