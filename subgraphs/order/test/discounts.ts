import type { Discount, ItemSelection } from '../pricing/discount';

/** A selection by what is given; all items without. */
export const itemsOf = (given: Partial<ItemSelection> = {}): ItemSelection => ({
  productIds: [],
  variantIds: [],
  categoryIds: [],
  tags: [],
  ...given,
});

/** A discount for pure functions: automatic, on the order as a whole, for any order, combined with no other. */
export const discountOf = (id: string, off: Discount['off'], changes: Partial<Discount> = {}): Discount => ({
  id,
  title: id,
  code: null,
  off,
  items: null,
  buyXGetY: null,
  currencyCode: null,
  minimumSubtotal: 0n,
  minimumQuantity: 0,
  combinesWith: [],
  ...changes,
});
