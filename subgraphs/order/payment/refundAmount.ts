/** An item of an order, as far as money is concerned. */
export interface RefundableItem {
  quantity: number;
  /** What was paid for all of it, in minor units. */
  paid: bigint;
}

/**
 * What so many of an item cost, when some of it were given back before. The parts add up to what was paid for the item,
 * whatever they are: each is the difference of two sums that are rounded down in the same way.
 */
export function refundAmount({ quantity, paid }: RefundableItem, returnedBefore: number, returned: number): bigint {
  const upTo = (count: number) => (paid * BigInt(count)) / BigInt(quantity);
  return upTo(returnedBefore + returned) - upTo(returnedBefore);
}
