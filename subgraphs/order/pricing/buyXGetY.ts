import type { BuyXGetY } from './discount';

/** A line, and whether its items count as bought, and can be the ones that get cheaper. */
export interface LineToMatch {
  unitPrice: bigint;
  quantity: number;
  isBought: boolean;
  isGotten: boolean;
}

/**
 * How many items of each line get cheaper. An item counts once: as bought, or as one that gets cheaper. Among those that could be
 * either, the most expensive ones count as bought; the cheapest ones get cheaper. The last time may be for fewer items than the others.
 */
export function cheaperItems(lines: readonly LineToMatch[], rule: Omit<BuyXGetY, 'buys'>): number[] {
  const { buysQuantity, getsQuantity, usesPerOrder } = rule;
  const bought = lines.reduce((count, line) => count + (line.isBought ? line.quantity : 0), 0);
  let [times, tooOften] = [0, Math.min(usesPerOrder ?? bought, Math.floor(bought / buysQuantity)) + 1];
  // The more often, the fewer items are left to get cheaper, and the more there must be.
  while (tooOften - times > 1) {
    const middle = Math.floor((times + tooOften) / 2);
    const left = count(leftAfter(lines, middle * buysQuantity));
    if (left > (middle - 1) * getsQuantity) times = middle;
    else tooOften = middle;
  }
  return cheapest(lines, leftAfter(lines, times * buysQuantity), times * getsQuantity);
}

/** How many items of each line can get cheaper when so many others are bought. */
function leftAfter(lines: readonly LineToMatch[], boughtQuantity: number): number[] {
  const onlyBought = lines.reduce((all, line) => all + (line.isBought && !line.isGotten ? line.quantity : 0), 0);
  let needed = Math.max(0, boughtQuantity - onlyBought);
  const left = lines.map((line) => (line.isGotten ? line.quantity : 0));
  for (const index of byPrice(lines).reverse()) {
    if (!lines[index]?.isBought) continue;
    const used = Math.min(needed, left[index] ?? 0);
    left[index] = (left[index] ?? 0) - used;
    needed -= used;
  }
  return left;
}

function cheapest(lines: readonly LineToMatch[], available: readonly number[], quantity: number): number[] {
  let needed = quantity;
  const taken = lines.map(() => 0);
  for (const index of byPrice(lines)) {
    const used = Math.min(needed, available[index] ?? 0);
    taken[index] = used;
    needed -= used;
  }
  return taken;
}

/** The positions of the lines, the cheapest first, equals in their order. */
const byPrice = (lines: readonly LineToMatch[]): number[] =>
  lines
    .map(({ unitPrice }, index) => ({ unitPrice, index }))
    .sort((one, other) => Number(one.unitPrice - other.unitPrice))
    .map(({ index }) => index);

const count = (quantities: readonly number[]): number => quantities.reduce((all, quantity) => all + quantity, 0);
