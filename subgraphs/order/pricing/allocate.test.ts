import { allocate, divideRounded } from './allocate';

describe('allocate', () => {
  it('refuses to allocate an amount to no weights', () => {
    expect(() => allocate(1n, [])).toThrow('There is no weight to allocate an amount to');
    expect(() => allocate(1n, [0n, 0n])).toThrow('There is no weight to allocate an amount to');
  });

  it.each<[string, bigint, bigint[], bigint[]]>([
    ['nothing over nothing', 0n, [0n, 0n], [0n, 0n]],
    ['what divides evenly', 10n, [1n, 1n], [5n, 5n]],
    ['one unit that is left to the largest remainder', 10n, [2n, 4n, 1n], [3n, 6n, 1n]],
    ['a unit that is left to the first of equal remainders', 1n, [1n, 1n, 1n], [1n, 0n, 0n]],
    ['two that are left to the first two of equal remainders', 2n, [1n, 1n, 1n], [1n, 1n, 0n]],
    ['by the remainder and not by the weight', 7n, [6n, 5n], [4n, 3n]],
    ['nothing to a weight of zero', 5n, [0n, 3n], [0n, 5n]],
    ['a unit by the larger of two remainders that no double tells apart', 1n, [10n ** 18n, 10n ** 18n + 1n], [0n, 1n]],
    ['two units to the later ones, whose remainders are larger', 8n, [1n, 2n, 2n], [2n, 3n, 3n]],
  ])('gives %s', (_what, amount, weights, shares) => {
    expect(allocate(amount, weights)).toEqual(shares);
  });
});

it.each<[bigint, bigint, bigint]>([
  [0n, 3n, 0n],
  [1n, 3n, 0n],
  [2n, 3n, 1n],
  [1n, 2n, 1n],
  [3n, 2n, 2n],
  [6n, 3n, 2n],
])('divideRounded: %s / %s is %s, half a unit up', (dividend, divisor, quotient) => {
  expect(divideRounded(dividend, divisor)).toBe(quotient);
});
