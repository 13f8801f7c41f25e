import { divideRounded } from './share';

/** In a hundredth of a percent: 1 is 0.01 %, 10,000 is all of it. */
export const WHOLE_BASIS_POINTS = 10_000n;

export interface TaxRate {
  /** As invoices call it, such as VAT. */
  name: string;
  basisPoints: number;
  appliesToShipping: boolean;
}

/**
 * The tax on, or in, one amount, rounded to the nearest minor unit and half a unit up. `included`: the amount has its tax in
 * it already, and this is how much.
 */
export function taxOf(amount: bigint, { basisPoints }: TaxRate, included: boolean): bigint {
  const rate = BigInt(basisPoints);
  return divideRounded(amount * rate, included ? WHOLE_BASIS_POINTS + rate : WHOLE_BASIS_POINTS);
}
