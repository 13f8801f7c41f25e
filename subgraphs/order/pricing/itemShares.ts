import { allocate } from './allocate';
import { cheaperItems } from './buyXGetY';
import { type Discount, type DiscountedLine, type ItemSelection, isSelected, sum, takenOff } from './discount';

/**
 * What a discount on items takes off each line, as if it were the only one. A percentage is rounded on each line; an amount that is
 * taken off once is distributed over the items that it is for.
 */
export function itemShares(
  { off, items, buyXGetY }: Pick<Discount, 'off' | 'items' | 'buyXGetY'>,
  lines: readonly DiscountedLine[],
): bigint[] {
  if (items === null || 'freeShipping' in off) return lines.map(() => 0n);
  const isFor = (line: DiscountedLine) => isSelected(items, line);
  if (buyXGetY) {
    const quantities = cheaperItems(toMatch(lines, buyXGetY.buys, items), buyXGetY);
    return lines.map((line, index) => offEach(off, line, quantities[index] ?? 0));
  }
  if ('basisPoints' in off || off.perItem)
    return lines.map((line) => (isFor(line) ? offEach(off, line, line.quantity) : 0n));
  const weights = lines.map((line) => (isFor(line) ? line.subtotal : 0n));
  return allocate(takenOff(off, sum(weights)), weights);
}

/** A percentage of all of them; an amount off each. */
const offEach = (off: Discount['off'], { unitPrice }: DiscountedLine, quantity: number): bigint =>
  'basisPoints' in off ? takenOff(off, unitPrice * BigInt(quantity)) : takenOff(off, unitPrice) * BigInt(quantity);

const toMatch = (lines: readonly DiscountedLine[], buys: ItemSelection, gets: ItemSelection) =>
  lines.map((line) => ({ ...line, isBought: isSelected(buys, line), isGotten: isSelected(gets, line) }));
