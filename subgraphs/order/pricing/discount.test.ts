import { discountOf, itemsOf } from '../test/discounts';
import { classOf, type Discount, type DiscountedLine, takenOff, whyInapplicable } from './discount';
import { itemShares } from './itemShares';

const line = (changes: Partial<DiscountedLine> = {}): DiscountedLine => {
  const { unitPrice = 1_000n, quantity = 1 } = changes;
  return { unitPrice, quantity, subtotal: unitPrice * BigInt(quantity), ...changes };
};
const shoe = { productId: 'prod_1', variantId: 'pvar_1', categoryIds: ['cat_running', 'cat_shoes'], tags: ['sale'] };
const sock = { productId: 'prod_2', variantId: 'pvar_2' };

describe('whyInapplicable', () => {
  const why = (changes: Partial<Discount>, lines = [line()], countryCode: string | null = 'DE') => {
    const discount = discountOf('d', { amount: 1n }, changes);
    return whyInapplicable(discount, { lines, currencyCode: 'USD', countryCode });
  };
  const ofSocks = itemsOf({ productIds: ['prod_2'] });
  const twoShoesForASock = { buys: itemsOf({ tags: ['sale'] }), buysQuantity: 2, getsQuantity: 1, usesPerOrder: null };
  const free = (countryCodes: string[]) => ({ freeShipping: { countryCodes, maximumPrice: null } });

  it.each<[string, ReturnType<typeof why>, Partial<Discount>, DiscountedLine[]]>([
    ['is of another currency', 'CURRENCY_MISMATCH', { currencyCode: 'EUR' }, [line()]],
    ['is for none of the items', 'NO_ITEMS', { items: ofSocks }, [line(shoe)]],
    [
      'is for items, and none of those to buy are bought',
      'NO_ITEMS',
      { items: ofSocks, buyXGetY: twoShoesForASock },
      [line(sock)],
    ],
    ['has a minimum that is not reached', 'MINIMUM_NOT_REACHED', { minimumSubtotal: 1_001n }, [line()]],
    [
      'has a minimum that its items do not reach',
      'MINIMUM_NOT_REACHED',
      { minimumSubtotal: 1_001n, items: ofSocks },
      [line(shoe), line(sock)],
    ],
    [
      'wants more of its items',
      'MINIMUM_QUANTITY_NOT_REACHED',
      { minimumQuantity: 2, items: ofSocks },
      [line({ ...shoe, quantity: 5 }), line(sock)],
    ],
    [
      'wants more to be bought',
      'MINIMUM_QUANTITY_NOT_REACHED',
      { items: ofSocks, buyXGetY: twoShoesForASock },
      [line(shoe), line(sock)],
    ],
    ['ships free to other countries', 'SHIPPING_NOT_ELIGIBLE', { off: free(['FR']) }, [line()]],
  ])('names why a discount does not apply that %s', (_which, reason, changes, lines) => {
    expect(why(changes, lines)).toBe(reason);
  });

  it.each<[string, Partial<Discount>, DiscountedLine[]]>([
    ['a minimum that is just reached', { minimumSubtotal: 1_000n, currencyCode: 'USD' }, [line()]],
    ['a quantity that is just reached by two lines', { minimumQuantity: 2 }, [line(), line()]],
    ['items by a category above theirs', { items: itemsOf({ categoryIds: ['cat_shoes'] }) }, [line(shoe)]],
    ['items by tag', { items: itemsOf({ tags: ['sale'] }) }, [line(shoe)]],
    ['items by variant', { items: itemsOf({ variantIds: ['pvar_2'] }) }, [line(sock)]],
    ['all items', { items: itemsOf() }, [line(sock)]],
    ['free shipping to the country', { off: free(['DE', 'FR']) }, [line()]],
  ])('is null for %s', (_which, changes, lines) => {
    expect(why(changes, lines)).toBeNull();
  });

  it('is null for free shipping while the country is not known', () => {
    expect(why({ off: free(['FR']) }, [line()], null)).toBeNull();
  });
});

describe('classOf', () => {
  it('is by what something is taken off', () => {
    expect([
      classOf(discountOf('d', { amount: 1n })),
      classOf(discountOf('d', { amount: 1n }, { items: itemsOf() })),
      classOf(discountOf('d', { freeShipping: { countryCodes: [], maximumPrice: null } })),
    ]).toEqual(['ORDER', 'PRODUCT', 'SHIPPING']);
  });
});

describe('takenOff', () => {
  it.each<[Discount['off'], bigint]>([
    [{ amount: 999n }, 999n],
    [{ amount: 1_001n }, 1_000n],
    [{ basisPoints: 333 }, 33n],
    [{ basisPoints: 335 }, 34n],
    [{ freeShipping: { countryCodes: [], maximumPrice: null } }, 0n],
  ])('takes %j off 1,000 as %s', (off, amount) => {
    expect(takenOff(off, 1_000n)).toBe(amount);
  });
});

describe('itemShares', () => {
  const lines = [line({ ...shoe, unitPrice: 999n, quantity: 3 }), line({ ...sock, unitPrice: 500n, quantity: 2 })];
  const shares = (off: Discount['off'], changes: Partial<Discount>) => itemShares(discountOf('d', off, changes), lines);
  const [shoes, socks] = [itemsOf({ tags: ['sale'] }), itemsOf({ variantIds: ['pvar_2'] })];

  it.each<[string, bigint[], Discount['off'], Partial<Discount>]>([
    ['nothing of a discount on the order', [0n, 0n], { amount: 100n }, {}],
    [
      'a percentage of the items that it is for, rounded on each line',
      [300n, 0n],
      { basisPoints: 1_000 },
      { items: shoes },
    ],
    ['an amount once, over all its items by their price', [75n, 25n], { amount: 100n }, { items: itemsOf() }],
    ['an amount once, no more than its items cost', [0n, 1_000n], { amount: 9_999n }, { items: socks }],
    ['an amount off each item', [300n, 200n], { amount: 100n, perItem: true }, { items: itemsOf() }],
    [
      'an amount off each item, no more than it costs',
      [1_800n, 1_000n],
      { amount: 600n, perItem: true },
      { items: itemsOf() },
    ],
  ])('are %s', (_what, expected, off, changes) => {
    expect(shares(off, changes)).toEqual(expected);
  });

  it('are those of as many items as were bought for', () => {
    const buyXGetY = { buys: shoes, buysQuantity: 2, getsQuantity: 1, usesPerOrder: null };
    expect(shares({ basisPoints: 10_000 }, { items: socks, buyXGetY })).toEqual([0n, 500n]);
    expect(shares({ basisPoints: 5_000 }, { items: socks, buyXGetY: { ...buyXGetY, buysQuantity: 1 } })).toEqual([
      0n,
      500n,
    ]);
    expect(shares({ amount: 700n, perItem: true }, { items: shoes, buyXGetY })).toEqual([700n, 0n]);
  });
});
