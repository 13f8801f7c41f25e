export interface RefundableItem {
  quantity: number;
  /** What was paid for all of it, in minor units. */
  paid: bigint;
}

/**
 * What is refunded for `returned` of an item when `returnedBefore` of them were refunded before. However an item is refunded in parts, they add up
 * to what was paid: each part is the difference of two running sums, which are both rounded down.
 */
export function refundAmount({ quantity, paid }: RefundableItem, returnedBefore: number, returned: number): bigint {
  const upTo = (count: number) => (paid * BigInt(count)) / BigInt(quantity);
  return upTo(returnedBefore + returned) - upTo(returnedBefore);
}
