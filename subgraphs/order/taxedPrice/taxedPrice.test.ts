import fc from 'fast-check';
import { parseMoney } from '../../shared/money';
import type { TaxRate } from '../pricing/tax';
import { NO_TAX_RATES } from '../pricing/taxPlace';
import { taxedPrice } from './taxedPrice';

const tax = (name: string, rate: number, isCompound = false): TaxRate => ({
  name,
  rate,
  isCompound,
  appliesToShipping: true,
});
const at = (pricesIncludeTax: boolean, ...rates: TaxRate[]) => ({
  rates: { ...NO_TAX_RATES, STANDARD: rates },
  pricesIncludeTax,
});
const EUR = (minorUnits: bigint) => ({ minorUnits, currencyCode: 'EUR' });

it('takes the tax out of a price that includes it, and adds it to one that does not', () => {
  const vat = tax('VAT', 190_000);
  expect(taxedPrice(EUR(119_00n), 'STANDARD', at(true, vat))).toMatchObject({
    gross: { amount: '119.00' },
    net: { amount: '100.00' },
    tax: { amount: '19.00' },
    taxLines: [{ title: 'VAT', rate: '19' }],
    pricesIncludeTax: true,
  });
  expect(taxedPrice(EUR(100_00n), 'STANDARD', at(false, vat))).toMatchObject({
    gross: { amount: '119.00' },
    net: { amount: '100.00' },
    tax: { amount: '19.00' },
  });
});

it('of goods without tax is the same with and without it', () => {
  const none = taxedPrice(EUR(5_00n), 'EXEMPT', at(true, tax('VAT', 190_000)));
  expect([none.gross, none.net, none.tax.amount, none.taxLines]).toEqual([none.net, none.gross, '0.00', []]);
});

it('adds up: net and tax are the gross price, the tax lines are the tax, and the store’s price is one of the two', () => {
  const rates = fc.array(fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.boolean()), { maxLength: 3 });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.boolean(), rates, (price, included, some) => {
      const place = at(included, ...some.map(([rate, isCompound], n) => tax(`Tax ${n}`, rate, isCompound)));
      const { gross, net, tax: sum, taxLines } = taxedPrice(EUR(price), 'STANDARD', place);
      const units = (money: { amount: string; currencyCode: string }) => parseMoney(money, 'money').minorUnits;
      expect(units(net) + units(sum)).toBe(units(gross));
      expect(taxLines.reduce((all, { amount }) => all + units(amount), 0n)).toBe(units(sum));
      expect(units(included ? gross : net)).toBe(price);
    }),
    { numRuns: 200 },
  );
});
