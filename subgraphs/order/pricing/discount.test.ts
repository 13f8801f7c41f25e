import { chooseDiscounts, type Discount, isApplicable } from './discount';

const discount = (id: string, off: Discount['off'], changes: Partial<Discount> = {}): Discount => ({
  id,
  title: id,
  code: null,
  off,
  currencyCode: null,
  minimumSubtotal: 0n,
  combines: false,
  ...changes,
});
const chosen = (automatic: Discount[], byCode: Discount[], subtotal = 1_000n) =>
  chooseDiscounts(automatic, byCode, subtotal, 'USD').map((applied) => [applied.discount.id, applied.amount]);

describe('isApplicable', () => {
  it.each<[string, Partial<Discount>, boolean]>([
    ['of another currency is not', { currencyCode: 'EUR' }, false],
    ['of a minimum that is not reached is not', { minimumSubtotal: 1_001n }, false],
    ['of a minimum that is just reached is', { minimumSubtotal: 1_000n }, true],
    ['of the currency is', { currencyCode: 'USD' }, true],
    ['of any currency is', {}, true],
  ])('one %s', (_which, changes, expected) => {
    expect(isApplicable(discount('d', { amount: 1n }, changes), 1_000n, 'USD')).toBe(expected);
  });
});

describe('chooseDiscounts', () => {
  it('omits a code whose minimum is not reached', () => {
    expect(chosen([], [discount('code', { amount: 5n }, { minimumSubtotal: 1_001n })])).toEqual([]);
  });

  it('omits a discount that takes nothing off', () => {
    expect(chosen([discount('d', { amount: 5n })], [], 0n)).toEqual([]);
    expect(chosen([discount('d', { basisPoints: 1 })], [], 1n)).toEqual([]);
  });

  it('omits one of two that takes nothing off what is left after the other', () => {
    const all = discount('all', { basisPoints: 10_000 }, { combines: true });
    expect(chosen([all], [discount('code', { amount: 5n }, { combines: true })])).toEqual([['all', 1_000n]]);
  });

  it('omits a code that takes nothing off what an automatic discount and another code leave', () => {
    const [auto, first, second] = ['auto', 'first', 'second'].map((id) =>
      discount(id, { amount: 600n }, { combines: true }),
    ) as [Discount, Discount, Discount];
    expect(chosen([auto], [first, second])).toEqual([
      ['auto', 600n],
      ['first', 400n],
    ]);
  });

  it('takes both only when both combine', () => {
    const [one, other] = [{ amount: 30n }, { amount: 20n }];
    const both = (automatic: boolean, code: boolean) =>
      chosen([discount('auto', one, { combines: automatic })], [discount('code', other, { combines: code })]);
    expect(both(true, true)).toEqual([
      ['auto', 30n],
      ['code', 20n],
    ]);
    expect(both(false, true)).toEqual([['auto', 30n]]);
    expect(both(true, false)).toEqual([['auto', 30n]]);
  });

  it('applies a code to what is left after the automatic one', () => {
    const half = { basisPoints: 5_000 };
    expect(chosen([discount('auto', half, { combines: true })], [discount('code', half, { combines: true })])).toEqual([
      ['auto', 500n],
      ['code', 250n],
    ]);
  });

  it('takes all codes that combine together, each of what the others leave, and else the one that takes most off', () => {
    const ten = { basisPoints: 1_000 };
    const [a, b, alone] = [
      discount('a', ten, { code: 'A', combines: true }),
      discount('b', { amount: 100n }, { code: 'B', combines: true }),
      discount('alone', { amount: 195n }, { code: 'ALONE' }),
    ];
    expect(chosen([], [a, b])).toEqual([
      ['a', 100n],
      ['b', 100n],
    ]);
    expect(chosen([], [a, b, alone])).toHaveLength(2);
    expect(chosen([], [a, alone])).toEqual([['alone', 195n]]);
    expect(chosen([discount('auto', ten, { combines: true })], [a, b]).map(([id]) => id)).toEqual(['auto', 'a', 'b']);
    expect(chosen([discount('auto', ten)], [a, b]).map(([id]) => id)).toEqual(['a', 'b']);
  });

  it('takes the first of equals, and prefers an automatic one', () => {
    const off = { amount: 30n };
    expect(chosen([discount('first', off), discount('second', off)], [discount('code', off)])).toEqual([
      ['first', 30n],
    ]);
  });

  it.each<[Discount['off'], bigint]>([
    [{ amount: 999n }, 999n],
    [{ amount: 1_001n }, 1_000n],
    [{ basisPoints: 333 }, 33n],
    [{ basisPoints: 335 }, 34n],
  ])('takes %j off 1,000 as %s', (off, amount) => {
    expect(chosen([discount('d', off)], [])).toEqual([['d', amount]]);
  });
});
