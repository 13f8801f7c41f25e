import { allocate, divideRounded } from './allocate';

/** 100 % in basis points, which are hundredths of a percent. */
export const WHOLE_BASIS_POINTS = 10_000n;

/** 100 % in the unit of {@link TaxRate.rate}. */
const WHOLE_TAX_RATE = 1_000_000n;

/** A tax on one amount: of several, each is a tax line of its own. */
export interface TaxRate {
  /** Its name on invoices, such as VAT. */
  name: string;
  /** In ten-thousandths of a percent: 88,750 is 8.875 %. */
  rate: number;
  /** Whether it is on the price with the taxes before it, and not on the price alone. */
  isCompound: boolean;
  appliesToShipping: boolean;
}

export interface TaxLine {
  name: string;
  rate: number;
  amount: bigint;
}

/** Taxes that a tax service has calculated for an order's lines, in their order, and for its shipping. */
export interface AskedTaxes {
  lines: readonly TaxLine[][];
  shipping: TaxLine[];
}

/** Where a tax is rounded: on each line, or once for each rate of the order. */
export type TaxRounding = 'LINE' | 'ORDER';

interface TaxedPart {
  amount: bigint;
  /** In the order in which a compound one follows those that it is on. */
  rates: readonly TaxRate[];
}

/** Exact: the tax by each rate is `amount * numerators[i] / divisor`. */
interface Shares {
  numerators: bigint[];
  divisor: bigint;
}

/**
 * The taxes of each part, rounded to whole minor units, half up. Taxes that are added are rounded one by one, as their authorities ask
 * for; of taxes that are included it is their sum, so that no net price is negative, and their shares add up to it.
 */
export function taxParts(parts: readonly TaxedPart[], included: boolean, rounding: TaxRounding): TaxLine[][] {
  const shares = parts.map(({ rates }) => sharesOf(rates, included));
  const amounts = included ? includedTaxes(parts, shares, rounding) : addedTaxes(parts, shares, rounding);
  return parts.map(({ rates }, at) =>
    rates.map(({ name, rate }, index) => ({ name, rate, amount: amounts[at]?.[index] ?? 0n })),
  );
}

/** One line for each name and rate, in the order in which they come. */
export function sumTaxLines(lines: readonly TaxLine[]): TaxLine[] {
  const byRate = new Map<string, TaxLine>();
  for (const { name, rate, amount } of lines) {
    const key = JSON.stringify([name, rate]);
    byRate.set(key, { name, rate, amount: (byRate.get(key)?.amount ?? 0n) + amount });
  }
  return [...byRate.values()];
}

function sharesOf(rates: readonly TaxRate[], included: boolean): Shares {
  const whole = WHOLE_TAX_RATE ** BigInt(rates.length);
  let taxes = 0n;
  const numerators = rates.map(({ rate, isCompound }) => {
    // Exact: a compound rate's base has one factor of WHOLE_TAX_RATE less than the one before it, and there are as many as rates.
    const tax = ((isCompound ? whole + taxes : whole) * BigInt(rate)) / WHOLE_TAX_RATE;
    taxes += tax;
    return tax;
  });
  return { numerators, divisor: included ? whole + taxes : whole };
}

function addedTaxes(parts: readonly TaxedPart[], shares: Shares[], rounding: TaxRounding): bigint[][] {
  const amounts = parts.map(({ rates }) => rates.map(() => 0n));
  for (const rate of new Set(parts.flatMap(({ rates }) => rates))) {
    const places = parts.flatMap(({ rates }, part) =>
      rates.includes(rate) ? [{ part, index: rates.indexOf(rate) }] : [],
    );
    const taxes = roundAll(
      places.map(({ part, index }) => ({
        dividend: (parts[part]?.amount ?? 0n) * (shares[part]?.numerators[index] ?? 0n),
        divisor: shares[part]?.divisor ?? 1n,
      })),
      rounding,
    );
    for (const [at, { part, index }] of places.entries()) amounts[part]?.splice(index, 1, taxes[at] ?? 0n);
  }
  return amounts;
}

function includedTaxes(parts: readonly TaxedPart[], shares: Shares[], rounding: TaxRounding): bigint[][] {
  const totals = roundAll(
    parts.map(({ amount }, part) => ({
      dividend: amount * sum(shares[part]?.numerators ?? []),
      divisor: shares[part]?.divisor ?? 1n,
    })),
    rounding,
  );
  return totals.map((total, part) => allocate(total, shares[part]?.numerators ?? []));
}

/** Rounds each fraction; or their sum, and allocates that to them. */
function roundAll(fractions: { dividend: bigint; divisor: bigint }[], rounding: TaxRounding): bigint[] {
  if (rounding === 'LINE') return fractions.map(({ dividend, divisor }) => divideRounded(dividend, divisor));
  const common = [...new Set(fractions.map(({ divisor }) => divisor))].reduce((product, one) => product * one, 1n);
  const weights = fractions.map(({ dividend, divisor }) => dividend * (common / divisor));
  return allocate(divideRounded(sum(weights), common), weights);
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
