import { divideRounded } from './allocate';

/** 100 % in basis points, which are hundredths of a percent. */
export const WHOLE_BASIS_POINTS = 10_000n;

export interface TaxRate {
  /** Its name on invoices, such as VAT. */
  name: string;
  basisPoints: number;
  appliesToShipping: boolean;
}

/** The tax on one amount, or where `included` the tax that is part of it, rounded to the nearest minor unit, half up. */
export function taxOf(amount: bigint, { basisPoints }: TaxRate, included: boolean): bigint {
  const rate = BigInt(basisPoints);
  return divideRounded(amount * rate, included ? WHOLE_BASIS_POINTS + rate : WHOLE_BASIS_POINTS);
}
