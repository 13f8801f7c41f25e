import { discountOf, itemsOf } from '../test/discounts';
import { chooseDiscounts, type OrderToDiscount } from './combineDiscounts';
import type { Discount } from './discount';

const order = (subtotals: bigint[] = [1_000n], shipping: bigint | null = null): OrderToDiscount => ({
  lines: subtotals.map((subtotal, index) => ({
    unitPrice: subtotal,
    quantity: 1,
    subtotal,
    variantId: `pvar_${index + 1}`,
  })),
  currencyCode: 'USD',
  countryCode: 'DE',
  shippingPrice: () => shipping,
  dearestShipping: shipping ?? 0n,
});
const chosen = (discounts: Discount[], to = order()) =>
  chooseDiscounts(discounts, to).applied.map(({ discount: { id }, amount }) => [id, amount]);

const ten = { basisPoints: 1_000 };
const both = { combinesWith: ['ORDER', 'PRODUCT', 'SHIPPING'] as Discount['combinesWith'] };
const first = itemsOf({ variantIds: ['pvar_1'] });

describe('chooseDiscounts', () => {
  it('omits a code whose minimum is not reached, and says why', () => {
    const code = discountOf('code', { amount: 5n }, { code: 'C', minimumSubtotal: 1_001n });
    const { applied, reasons } = chooseDiscounts([code], order());
    expect([applied, reasons.get(code)]).toEqual([[], 'MINIMUM_NOT_REACHED']);
  });

  it('omits a discount that takes nothing off', () => {
    expect(chosen([discountOf('d', { amount: 5n })], order([0n]))).toEqual([]);
    expect(chosen([discountOf('d', { basisPoints: 1 })], order([1n]))).toEqual([]);
  });

  it('omits one of two that takes nothing off what is left after the other', () => {
    const all = discountOf('all', { basisPoints: 10_000 }, both);
    expect(chosen([all, discountOf('code', { amount: 5n }, { ...both, code: 'C' })])).toEqual([['all', 1_000n]]);
  });

  it('uses up no code that takes nothing off what an automatic discount and another code leave', () => {
    const off = { amount: 600n };
    const codes = ['first', 'second'].map((id) => discountOf(id, off, { ...both, code: id }));
    expect(chosen([discountOf('auto', off, both), ...codes])).toEqual([
      ['auto', 600n],
      ['first', 400n],
    ]);
  });

  it.each<[string, Discount['combinesWith'], Discount['combinesWith'], string[]]>([
    ['both allow each other’s class', ['PRODUCT'], ['ORDER'], ['item', 'order']],
    ['one allows it only', ['PRODUCT'], [], ['item']],
    ['the other allows it only', [], ['ORDER'], ['item']],
    ['both allow their own class only', ['ORDER'], ['PRODUCT'], ['item']],
  ])('combines a discount on the order with one on an item where %s', (_when, ofOrder, ofItem, expected) => {
    const onOrder = discountOf('order', { amount: 20n }, { code: 'O', combinesWith: ofOrder });
    const onItem = discountOf('item', { amount: 30n }, { items: first, combinesWith: ofItem });
    expect(chosen([onItem, onOrder]).map(([id]) => id)).toEqual(expected);
  });

  it('applies a discount on the order to what is left by those on items, and then each to what is left by those before it', () => {
    const half = { basisPoints: 5_000 };
    const onItem = discountOf('item', half, { ...both, code: 'I', items: first });
    expect(chosen([discountOf('auto', half, both), discountOf('code', half, { ...both, code: 'C' }), onItem])).toEqual([
      ['item', 500n],
      ['auto', 250n],
      ['code', 125n],
    ]);
  });

  it('takes off an item only one discount of the class PRODUCT: the one that takes most off', () => {
    const onFirst = discountOf('first', { amount: 60n }, { ...both, items: first });
    const onAll = discountOf('all', { amount: 100n }, { ...both, items: itemsOf() });
    const { applied } = chooseDiscounts([onFirst, onAll], order([500n, 500n]));
    expect(applied.map(({ discount: { id }, shares }) => [id, shares])).toEqual([
      ['first', [60n, 0n]],
      ['all', [0n, 50n]],
    ]);
  });

  it('takes one automatic discount on the order, whatever they allow, and all codes that combine', () => {
    const auto = ['small', 'large'].map((id, index) => discountOf(id, { amount: BigInt(10 + index) }, both));
    const codes = ['a', 'b'].map((id) => discountOf(id, { amount: 1n }, { ...both, code: id }));
    expect(chosen([...auto, ...codes]).map(([id]) => id)).toEqual(['large', 'a', 'b']);
    expect(chosen([...auto, ...codes, discountOf('alone', { amount: 12n }, { code: 'ALONE' })])).toHaveLength(3);
    expect(chosen([...auto, ...codes, discountOf('alone', { amount: 14n }, { code: 'ALONE' })])).toEqual([
      ['alone', 14n],
    ]);
  });

  it('takes two codes of one discount for one', () => {
    const codes = ['A', 'B'].map((code) => discountOf('same', ten, { ...both, code }));
    expect(chosen(codes)).toEqual([['same', 100n]]);
  });

  it('takes the first of equals, and prefers an automatic one, which uses up no code', () => {
    const off = { amount: 30n };
    const code = discountOf('code', off, { code: 'C' });
    expect(chosen([code, discountOf('one', off), discountOf('two', off)])).toEqual([['one', 30n]]);
  });

  it('makes shipping free, up to a price, beside what combines with it', () => {
    const free = (maximumPrice: bigint | null) =>
      discountOf('free', { freeShipping: { countryCodes: [], maximumPrice } }, { ...both, code: 'FREE' });
    const to = order([1_000n], 500n);
    expect(chosen([discountOf('ten', ten, both), free(500n)], to)).toEqual([
      ['ten', 100n],
      ['free', 500n],
    ]);
    expect(chosen([discountOf('ten', ten), free(null)], to)).toEqual([['free', 500n]]);
    const dear = free(499n);
    expect(chooseDiscounts([dear], to).reasons.get(dear)).toBe('SHIPPING_NOT_ELIGIBLE');
    expect(chosen([free(null)], order([1_000n], null))).toEqual([]);
  });

  it('finds the best of 25 automatic discounts and five codes at once', () => {
    const classes = ['ORDER', 'PRODUCT', 'SHIPPING'] as const;
    const many = Array.from({ length: 30 }, (_, n) => {
      const off = n % 3 === 2 ? { freeShipping: { countryCodes: [], maximumPrice: null } } : { amount: BigInt(n + 1) };
      const combinesWith = classes.filter((_class, index) => (n >> index) % 2 === 0);
      return discountOf(`d${n}`, off, {
        items: n % 3 === 1 ? itemsOf() : null,
        combinesWith,
        code: n < 25 ? null : 'C',
      });
    });
    const best = chosen(many, order([500n, 500n], 7n));
    expect(best.map(([id]) => id)).toEqual(['d28', 'd24']);
  });
});
