import { formatMoney } from '../../shared/money';
import type { TaxLine } from '../pricing/tax';
import { formatTaxPercent } from './taxPercent';

/** Tax lines as a Json column has them. */
export const storedTaxLines = (lines: readonly TaxLine[]): OrderJson.TaxLines =>
  lines.map(({ name, rate, amount }) => ({ name, rate, amount: String(amount) }));

/** Tax lines of a row, or those that were just calculated, as the API has them. */
export const shownTaxLines = (lines: readonly (TaxLine | OrderJson.TaxLines[number])[], currencyCode: string) =>
  lines.map(({ name, rate, amount }) => ({
    title: name,
    rate: formatTaxPercent(rate),
    amount: formatMoney({ minorUnits: BigInt(amount), currencyCode }),
  }));
