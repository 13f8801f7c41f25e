import { sumTaxLines, type TaxRate, type TaxRounding, taxParts } from './tax';

const tax = (name: string, percent: number, changes: Partial<TaxRate> = {}): TaxRate => ({
  name,
  rate: Math.round(percent * 10_000),
  isCompound: false,
  appliesToShipping: true,
  ...changes,
});
const QUEBEC = [tax('GST', 5), tax('QST', 9.975)];

const taxesOf = (amounts: bigint[], rates: TaxRate[], included = false, rounding: TaxRounding = 'LINE') =>
  taxParts(
    amounts.map((amount) => ({ amount, rates })),
    included,
    rounding,
  ).map((lines) => lines.map(({ amount }) => amount));

describe('the taxes', () => {
  it.each<[string, bigint, TaxRate[], boolean, bigint[]]>([
    ['of New York City: 8.875 % of 100.00 is 8.88', 10_000n, [tax('Sales tax', 8.875)], false, [888n]],
    ['of Quebec, each by itself: 5 % and 9.975 %', 10_000n, QUEBEC, false, [500n, 998n]],
    [
      'of which one is on the other: 9.975 % of 105.00',
      10_000n,
      [tax('GST', 5), tax('QST', 9.975, { isCompound: true })],
      false,
      [500n, 1_047n],
    ],
    [
      'of which one is on two others',
      10_000n,
      [tax('A', 10), tax('B', 10), tax('C', 10, { isCompound: true })],
      false,
      [1_000n, 1_000n, 1_200n],
    ],
    ['that are included: 114.98 has 5.00 and 9.98 of 100.00', 11_498n, QUEBEC, true, [500n, 998n]],
    [
      'of one minor unit that includes five rates of 100 %',
      1n,
      Array.from({ length: 5 }, () => tax('X', 100)),
      true,
      [1n, 0n, 0n, 0n, 0n],
    ],
    ['of nothing', 0n, QUEBEC, true, [0n, 0n]],
    ['without rates', 100n, [], true, []],
    ['at 0 %, which is a tax line', 100n, [tax('VAT', 0)], false, [0n]],
  ])('%s', (_case, amount, rates, included, expected) => {
    expect(taxesOf([amount], rates, included)).toEqual([expected]);
  });

  it('are rounded on each line, or once on the order: three times 7 % of 0.50', () => {
    const three = [50n, 50n, 50n];
    expect(taxesOf(three, [tax('VAT', 7)])).toEqual([[4n], [4n], [4n]]);
    expect(taxesOf(three, [tax('VAT', 7)], false, 'ORDER')).toEqual([[4n], [4n], [3n]]);
    expect(taxesOf([107n, 107n, 108n], [tax('VAT', 7)], true, 'ORDER')).toEqual([[7n], [7n], [7n]]);
  });

  it('of parts with different rates are rounded once for each rate', () => {
    const [gst, qst] = [tax('GST', 5), tax('QST', 9.975)];
    const parts = [
      { amount: 50n, rates: [gst, qst] },
      { amount: 50n, rates: [gst] },
    ];
    const amounts = taxParts(parts, false, 'ORDER').map((lines) => lines.map(({ amount }) => amount));
    expect(amounts).toEqual([[3n, 5n], [2n]]);
  });

  it('of one name and rate are one line of the order', () => {
    const line = (name: string, rate: number, amount: bigint) => ({ name, rate, amount });
    expect(sumTaxLines([line('A', 1, 2n), line('B', 1, 3n), line('A', 1, 4n), line('A', 2, 5n)])).toEqual([
      line('A', 1, 6n),
      line('B', 1, 3n),
      line('A', 2, 5n),
    ]);
  });
});
