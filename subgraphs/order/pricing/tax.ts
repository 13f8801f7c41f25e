import { provinceCode, provinceLineage } from '../input/province';
import { divideRounded } from './allocate';

/** 100 % in basis points, which are hundredths of a percent. */
export const WHOLE_BASIS_POINTS = 10_000n;

export interface TaxRate {
  /** Its name on invoices, such as VAT. */
  name: string;
  basisPoints: number;
  appliesToShipping: boolean;
}

export interface RateOfPlace extends TaxRate {
  /** Empty for the whole of the country. */
  province: string;
}

/** The part of an address that determines shipping and tax. */
export interface Destination {
  countryCode: string;
  province?: string | null | undefined;
}

/** The rates of a country depend on the province, and that of the address is not given, or is none of the country's. */
export type ProvinceFault = 'PROVINCE_REQUIRED' | 'PROVINCE_INVALID';

/** @param rates all of the country. @returns the rate of the smallest place that the address is in; null when there is none. */
export function rateOfPlace<Rate extends RateOfPlace>(rates: readonly Rate[], destination: Destination): Rate | null {
  const { countryCode, province } = destination;
  const code = provinceCode(countryCode, province);
  const places = [...(code === null ? [] : provinceLineage(countryCode, code)), ''];
  // Rates that were made before provinces had codes have what was typed.
  const placeOf = (rate: Rate) => provinceCode(countryCode, rate.province) ?? rate.province;
  return (
    places.map((place) => rates.find((rate) => placeOf(rate) === place)).find((rate) => rate !== undefined) ?? null
  );
}

/** @param rates all of the country. */
export function provinceFaultOf(
  rates: readonly RateOfPlace[],
  { countryCode, province }: Destination,
): ProvinceFault | null {
  if (provinceCode(countryCode, province) !== null || rates.every((rate) => rate.province === '')) return null;
  return province ? 'PROVINCE_INVALID' : 'PROVINCE_REQUIRED';
}

/** The tax on one amount, or where `included` the tax that is part of it, rounded to the nearest minor unit, half up. */
export function taxOf(amount: bigint, { basisPoints }: TaxRate, included: boolean): bigint {
  const rate = BigInt(basisPoints);
  return divideRounded(amount * rate, included ? WHOLE_BASIS_POINTS + rate : WHOLE_BASIS_POINTS);
}
