import { formatMoney, type Money } from '../../shared/money';
import type { TaxClass } from '../generated/resolvers';
import { sumTaxLines, taxParts } from '../pricing/tax';
import type { RatesByClass } from '../pricing/taxPlace';
import { shownTaxLines } from '../tax/taxLines';

/** What a store's prices have of tax at one place. */
export interface TaxAtPlace {
  rates: RatesByClass;
  pricesIncludeTax: boolean;
}

/** The price of one unit with and without tax, rounded as a line of an order is. */
export function taxedPrice(price: Money, taxClass: TaxClass, { rates, pricesIncludeTax }: TaxAtPlace) {
  const { minorUnits: amount, currencyCode } = price;
  const lines = sumTaxLines(taxParts([{ amount, rates: rates[taxClass] }], pricesIncludeTax, 'LINE').flat());
  const tax = lines.reduce((sum, line) => sum + line.amount, 0n);
  const money = (minorUnits: bigint) => formatMoney({ minorUnits, currencyCode });
  return {
    gross: money(pricesIncludeTax ? amount : amount + tax),
    net: money(pricesIncludeTax ? amount - tax : amount),
    tax: money(tax),
    taxLines: shownTaxLines(lines, currencyCode),
    pricesIncludeTax,
  };
}
