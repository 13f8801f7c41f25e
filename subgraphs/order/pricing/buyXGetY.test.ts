import fc from 'fast-check';
import { cheaperItems, type LineToMatch } from './buyXGetY';

const line = (kind: 'buy' | 'get' | 'both', unitPrice: bigint, quantity: number): LineToMatch => ({
  unitPrice,
  quantity,
  isBought: kind !== 'get',
  isGotten: kind !== 'buy',
});
const rule = (buysQuantity: number, getsQuantity: number, usesPerOrder: number | null = null) => ({
  buysQuantity,
  getsQuantity,
  usesPerOrder,
});

describe('cheaperItems', () => {
  it.each<[string, number[], LineToMatch[], ReturnType<typeof rule>]>([
    ['none where too few are bought', [0, 0], [line('buy', 9n, 1), line('get', 5n, 3)], rule(2, 1)],
    ['none where no others are left', [0], [line('both', 9n, 2)], rule(2, 1)],
    ['one of three of the same: two are bought', [1], [line('both', 9n, 3)], rule(2, 1)],
    ['two of six of the same', [2], [line('both', 9n, 6)], rule(2, 1)],
    ['no more than so many times', [1], [line('both', 9n, 6)], rule(2, 1, 1)],
    ['the cheapest of those that could be either', [0, 1], [line('both', 9n, 2), line('both', 5n, 1)], rule(2, 1)],
    ['of those that count as bought only, none', [0, 2], [line('buy', 1n, 4), line('get', 9n, 5)], rule(2, 1)],
    ['fewer the last time, when there are no more', [0, 3], [line('buy', 9n, 4), line('get', 5n, 3)], rule(2, 2)],
    ['the cheapest first', [0, 1, 2], [line('buy', 9n, 3), line('get', 5n, 2), line('get', 4n, 2)], rule(1, 1)],
    ['those of a million', [0, 333_333], [line('both', 9n, 999_999), line('get', 5n, 333_333)], rule(3, 1)],
  ])('are %s', (_which, expected, lines, of) => {
    expect(cheaperItems(lines, of)).toEqual(expected);
  });

  it('never count one item as bought and as cheaper, and are as many as can be', () => {
    const anyLine = fc.record({
      unitPrice: fc.bigInt({ min: 0n, max: 20n }),
      quantity: fc.integer({ min: 1, max: 9 }),
      isBought: fc.boolean(),
      isGotten: fc.boolean(),
    });
    const anyRule = fc.record({
      buysQuantity: fc.integer({ min: 1, max: 4 }),
      getsQuantity: fc.integer({ min: 1, max: 4 }),
      usesPerOrder: fc.option(fc.integer({ min: 1, max: 3 })),
    });
    const count = (lines: LineToMatch[], is: (line: LineToMatch) => boolean) =>
      lines.filter(is).reduce((all, { quantity }) => all + quantity, 0);
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 6 }), anyRule, (lines, of) => {
        const cheaper = cheaperItems(lines, of);
        cheaper.forEach((quantity, index) => {
          expect(quantity >= 0 && quantity <= (lines[index]?.isGotten ? lines[index].quantity : 0)).toBe(true);
        });
        const total = cheaper.reduce((all, quantity) => all + quantity, 0);
        // By hand: for each number of times, those that are left of what is either, once enough are bought.
        const [onlyBought, onlyGotten] = [
          count(lines, (one) => one.isBought && !one.isGotten),
          count(lines, (one) => !one.isBought && one.isGotten),
        ];
        const both = count(lines, (one) => one.isBought && one.isGotten);
        let most = 0;
        for (let times = 1; times <= (of.usesPerOrder ?? 60); times += 1) {
          const left = both - Math.max(0, times * of.buysQuantity - onlyBought);
          if (left >= 0) most = Math.max(most, Math.min(times * of.getsQuantity, onlyGotten + left));
        }
        expect(total).toBe(most);
      }),
    );
  });
});
