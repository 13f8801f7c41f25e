import { allocate } from './allocate';
import {
  classOf,
  type Discount,
  type DiscountedOrder,
  type InapplicableReason,
  sum,
  takenOff,
  whyInapplicable,
} from './discount';
import { itemShares } from './itemShares';
import { largestGroups } from './largestGroups';

/** A discount with what it takes off: of each line, or of shipping. */
export interface AppliedDiscount {
  discount: Discount;
  amount: bigint;
  /** They add up to the amount; all are 0 where it is taken off shipping. */
  shares: bigint[];
}

interface AppliedDiscounts {
  applied: AppliedDiscount[];
  /** What is taken off each line. */
  ofLines: bigint[];
  /** What is taken off the price of shipping. */
  ofShipping: bigint;
}

/** An order whose shipping may get free. */
export interface OrderToDiscount extends DiscountedOrder {
  /** The price of shipping for items that cost so much after discounts; null while it is not known. */
  shippingPrice(worth: bigint): bigint | null;
  /** Of any items: no price of shipping is higher. */
  dearestShipping: bigint;
}

export interface DiscountChoice extends AppliedDiscounts {
  /** Of those that don't apply. */
  reasons: Map<Discount, InapplicableReason>;
}

interface Candidate {
  discount: Discount;
  /** What it takes off each line when it is the only one. */
  shares: bigint[];
  /** What it can take off at most. */
  most: bigint;
}

/**
 * The discounts that take most off together, of those that combine with each other. Ties go to the choice with fewer codes, then with
 * fewer discounts, then to the one that is found first: so that no code is used up for nothing, and that the same order always gets the same.
 * @param discounts in the order in which those on the order are applied, the automatic ones first.
 */
export function chooseDiscounts(discounts: readonly Discount[], order: OrderToDiscount): DiscountChoice {
  const reasons = new Map<Discount, InapplicableReason>();
  const candidates: Candidate[] = [];
  for (const discount of discounts) {
    const reason = whyInapplicable(discount, order);
    if (reason) reasons.set(discount, reason);
    else candidates.push(toCandidate(discount, order));
  }
  const useful = candidates.filter(({ most }) => most > 0n);
  const groups = largestGroups(useful, (one, other) => combine(one.discount, other.discount))
    .map((group) => ({ group, most: sum(group.map(({ most }) => most)) }))
    .sort((one, other) => compare(other.most, one.most));
  let best = apply([], order);
  for (const { group, most } of groups) {
    // No later group can take off more than it has at most.
    if (most < totalOf(best)) break;
    const applied = apply(group, order);
    if (isBetter(applied, best)) best = applied;
  }
  for (const discount of tooDear(useful, best, order)) reasons.set(discount, 'SHIPPING_NOT_ELIGIBLE');
  return { ...best, reasons };
}

/** Both must allow it. Of automatic discounts on the order as a whole there is one at most, whatever they allow. */
export function combine(one: Discount, other: Discount): boolean {
  const [ofOne, ofOther] = [classOf(one), classOf(other)];
  const areAutomatic = one.code === null && other.code === null;
  if (areAutomatic && ofOne === 'ORDER' && ofOther === 'ORDER') return false;
  return one.id !== other.id && one.combinesWith.includes(ofOther) && other.combinesWith.includes(ofOne);
}

function toCandidate(discount: Discount, order: OrderToDiscount): Candidate {
  const { lines } = order;
  const subtotal = sum(lines.map((line) => line.subtotal));
  const shares = itemShares(discount, lines);
  const discountClass = classOf(discount);
  if (discountClass === 'PRODUCT') return { discount, shares, most: sum(shares) };
  if (discountClass === 'ORDER') return { discount, shares, most: takenOff(discount.off, subtotal) };
  return { discount, shares, most: order.dearestShipping };
}

/** Of an item's discounts, the one that takes most off is applied; then those on the order, each of what is left. */
function apply(group: readonly Candidate[], order: OrderToDiscount): AppliedDiscounts {
  const ofClass = (name: string) => group.filter(({ discount }) => classOf(discount) === name);
  const onItems = ofClass('PRODUCT');
  const winners = order.lines.map((_, index) => largestShare(onItems, index));
  const applied = onItems.map((candidate) => {
    const shares = candidate.shares.map((share, index) => (winners[index] === candidate ? share : 0n));
    return { discount: candidate.discount, amount: sum(shares), shares };
  });
  let left = order.lines.map(({ subtotal }, index) => subtotal - (winners[index]?.shares[index] ?? 0n));
  for (const { discount } of ofClass('ORDER')) {
    const amount = takenOff(discount.off, sum(left));
    const shares = allocate(amount, left);
    left = left.map((rest, index) => rest - (shares[index] ?? 0n));
    applied.push({ discount, amount, shares });
  }
  const ofLines = order.lines.map(({ subtotal }, index) => subtotal - (left[index] ?? 0n));
  const onShipping = ofClass('SHIPPING');
  const price = onShipping.length > 0 ? order.shippingPrice(sum(left)) : null;
  const free = price === null ? undefined : onShipping.find(({ discount }) => makesFree(discount, price));
  const ofShipping = free ? (price ?? 0n) : 0n;
  if (free) applied.push({ discount: free.discount, amount: ofShipping, shares: ofLines.map(() => 0n) });
  return { applied: applied.filter(({ amount }) => amount > 0n), ofLines, ofShipping };
}

const makesFree = ({ off }: Discount, price: bigint): boolean =>
  'freeShipping' in off && (off.freeShipping.maximumPrice === null || price <= off.freeShipping.maximumPrice);

/** Those on shipping that it costs too much for, after the discounts that were chosen. */
function tooDear(candidates: readonly Candidate[], { ofLines }: AppliedDiscounts, order: OrderToDiscount): Discount[] {
  const onShipping = candidates.filter(({ discount }) => classOf(discount) === 'SHIPPING');
  if (onShipping.length === 0) return [];
  const price = order.shippingPrice(sum(order.lines.map(({ subtotal }) => subtotal)) - sum(ofLines));
  return onShipping.flatMap(({ discount }) => (price === null || makesFree(discount, price) ? [] : [discount]));
}

/** The first of equals. */
function largestShare(candidates: readonly Candidate[], index: number): Candidate | undefined {
  const shareOf = (candidate: Candidate) => candidate.shares[index] ?? 0n;
  return candidates.reduce<Candidate | undefined>(
    (best, one) => (best && shareOf(best) >= shareOf(one) ? best : one),
    undefined,
  );
}

const totalOf = ({ ofLines, ofShipping }: AppliedDiscounts): bigint => sum(ofLines) + ofShipping;

function isBetter(one: AppliedDiscounts, other: AppliedDiscounts): boolean {
  const codes = ({ applied }: AppliedDiscounts) => applied.filter(({ discount }) => discount.code !== null).length;
  const differences = [
    compare(totalOf(one), totalOf(other)),
    codes(other) - codes(one),
    other.applied.length - one.applied.length,
  ];
  return (differences.find((difference) => difference !== 0) ?? 0) > 0;
}

const compare = (one: bigint, other: bigint): number => (one < other ? -1 : one > other ? 1 : 0);
