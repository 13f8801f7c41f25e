import { shippingAnswer } from './shippingQuestion';
import { type TaxedAmounts, taxAnswer } from './taxQuestion';

const usd = (amount: unknown) => ({ amount, currencyCode: 'USD' });
const rate = (changes: object = {}) => ({ code: 'EXPRESS', name: 'Express', price: usd('12.50'), ...changes });
const asked = (changes: Partial<TaxedAmounts> = {}): TaxedAmounts => ({
  lines: [10_000n, 5_000n],
  shipping: 1_000n,
  currencyCode: 'USD',
  pricesIncludeTax: false,
  taxRounding: 'LINE',
  ...changes,
});
const tax = (changes: object = {}) => ({ title: 'VAT', rate: '20', ...changes });
const lines = (...taxLines: object[][]) => taxLines.map((all, position) => ({ position, taxLines: all }));

describe('an answer with rates', () => {
  const read = (answer: unknown, currencyCode = 'USD') => shippingAnswer(currencyCode, 'hook_1').safeParse(answer);

  it.each<[string, unknown]>([
    ['is no object', 'rates'],
    ['has no rates', {}],
    ['has another currency', { rates: [rate({ price: { amount: '1.00', currencyCode: 'EUR' } })] }],
    ['has a price as a number', { rates: [rate({ price: usd(12.5) })] }],
    ['has a negative price', { rates: [rate({ price: usd('-1.00') })] }],
    ['has more decimals than the currency', { rates: [rate({ price: usd('1.001') })] }],
    ['has a price above all limits', { rates: [rate({ price: usd('99999999999999.00') })] }],
    ['has a code with spaces', { rates: [rate({ code: 'E X' })] }],
    ['has a name that is too long', { rates: [rate({ name: 'x'.repeat(65) })] }],
    ['has a name with a control character', { rates: [rate({ name: 'a\u0000' })] }],
    ['has one code twice', { rates: [rate(), rate({ name: 'Other' })] }],
    ['arrives before it is sent', { rates: [rate({ estimatedDays: { min: 3, max: 2 } })] }],
    [
      'has more rates than a buyer can choose from',
      { rates: Array.from({ length: 51 }, (_, n) => rate({ code: `R${n}` })) },
    ],
  ])('is refused when it %s', (_what, answer) => {
    expect(read(answer).success).toBe(false);
  });

  it('is read in minor units, with ids that depend on hook and code alone', () => {
    const { data } = read({ rates: [rate({ estimatedDays: { min: 1, max: 2 } })], more: 1 });
    expect(data).toEqual([
      { id: expect.stringMatching(/^hrat_/), name: 'Express', price: '1250', minDays: 1, maxDays: 2 },
    ]);
    const other = read({ rates: [rate({ name: 'Other', price: usd('1') })] }).data?.[0];
    expect([other?.id, other?.price]).toEqual([data?.[0]?.id, '100']);
    expect(shippingAnswer('USD', 'hook_2').parse({ rates: [rate()] })[0]?.id).not.toBe(data?.[0]?.id);
    const yen = { rates: [rate({ price: { amount: '900', currencyCode: 'JPY' } })] };
    expect(read(yen, 'JPY').data?.[0]?.price).toBe('900');
  });
});

describe('an answer with taxes', () => {
  const read = (answer: unknown, of = asked()) => taxAnswer(of).safeParse(answer);

  it.each<[string, unknown]>([
    ['leaves out a line', { lines: lines([]) }],
    ['names a line twice', { lines: [...lines([]), ...lines([])] }],
    ['has a rate above 100 %', { lines: lines([tax({ rate: '101' })], []) }],
    ['has a rate as a number', { lines: lines([tax({ rate: 20 })], []) }],
    ['has a tax without a title', { lines: lines([tax({ title: '' })], []) }],
    ['has one title twice on a line', { lines: lines([tax(), tax()], []) }],
    ['has amounts for some taxes only', { lines: lines([tax({ amount: '20.00' })], [tax()]) }],
    ['taxes a line with more than it costs', { lines: lines([tax({ amount: '100.01' })], []) }],
    ['has a negative tax', { lines: lines([tax({ amount: '-1.00' })], []) }],
  ])('is refused when it %s', (_what, answer) => {
    expect(read(answer).success).toBe(false);
  });

  it('is refused when it taxes shipping that was not asked for', () => {
    const answer = { lines: lines([], []), shipping: { taxLines: [tax()] } };
    expect(read(answer, asked({ shipping: null })).success).toBe(false);
    expect(read(answer).success).toBe(true);
  });

  it('has amounts of its own, to the cent, in the order of the lines', () => {
    const answer = {
      lines: lines([tax({ amount: '19.99' })], [tax({ amount: '10.01' })]).reverse(),
      shipping: { taxLines: [tax({ amount: '2.00' })] },
    };
    expect(read(answer).data).toEqual({
      lines: [[{ name: 'VAT', rate: 200_000, amount: '1999' }], [{ name: 'VAT', rate: 200_000, amount: '1001' }]],
      shipping: [{ name: 'VAT', rate: 200_000, amount: '200' }],
    });
  });

  it('without amounts is calculated as by the store’s own rates: added or included, rounded by line or order', () => {
    const answer = { lines: lines([tax({ rate: '8.875' })], [tax({ rate: '8.875' })]) };
    const amounts = (of: Partial<TaxedAmounts>) =>
      read(answer, asked({ lines: [333n, 333n], ...of })).data?.lines.map(([one]) => one?.amount);
    expect(amounts({})).toEqual(['30', '30']);
    expect(amounts({ taxRounding: 'ORDER' })).toEqual(['30', '29']);
    expect(amounts({ pricesIncludeTax: true })).toEqual(['27', '27']);
  });
});
