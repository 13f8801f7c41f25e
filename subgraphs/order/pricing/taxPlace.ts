import type { TaxClass } from '../generated/resolvers';
import { matchesPostalCode } from '../input/postalCodePattern';
import { provinceCode, provinceLineage } from '../input/province';
import type { TaxRate } from './tax';

export interface RateOfPlace extends TaxRate {
  /** Empty for the whole of the country. */
  province: string;
  taxClass: TaxClass;
  /** Patterns; empty for all postal codes. */
  postalCodes: readonly string[];
  /** Of the rates of one priority, one applies; those of several priorities all do, in their order. */
  priority: number;
}

/** The part of an address that determines shipping and tax. */
export interface Destination {
  countryCode: string;
  province?: string | null | undefined;
  postalCode?: string | null | undefined;
  /** Of the business that it is billed to. */
  vatId?: string | null | undefined;
}

/** The rates of a country depend on the province, and that of the address is not given, or is none of the country's. */
export type ProvinceFault = 'PROVINCE_REQUIRED' | 'PROVINCE_INVALID';

/** The rates for goods of each class, in the order of their priorities. */
export type RatesByClass = Readonly<Record<TaxClass, readonly TaxRate[]>>;

export const NO_TAX_RATES: RatesByClass = { STANDARD: [], REDUCED: [], ZERO: [], EXEMPT: [] };

/** @param rates all of the country. */
export function ratesByClass(rates: readonly RateOfPlace[], destination: Destination): RatesByClass {
  const standard = ratesOfPlace(
    rates.filter(({ taxClass }) => taxClass === 'STANDARD'),
    destination,
  );
  const reduced = ratesOfPlace(
    rates.filter(({ taxClass }) => taxClass === 'REDUCED'),
    destination,
  );
  const others = standard.filter(({ priority }) => !reduced.some((rate) => rate.priority === priority));
  return {
    STANDARD: standard,
    REDUCED: [...reduced, ...others].sort((a, b) => a.priority - b.priority),
    ZERO: standard.map((rate) => ({ ...rate, rate: 0 })),
    EXEMPT: [],
  };
}

/** @param rates all of the country. @returns of each priority the rate of the smallest place that the address is in. */
export function ratesOfPlace<Rate extends RateOfPlace>(rates: readonly Rate[], destination: Destination): Rate[] {
  const { countryCode, province, postalCode } = destination;
  const code = provinceCode(countryCode, province);
  const places = [...(code === null ? [] : provinceLineage(countryCode, code)), ''];
  // Rates that were made before provinces had codes have what was typed.
  const sizeOf = (rate: Rate) => places.indexOf(provinceCode(countryCode, rate.province) ?? rate.province);
  const isHere = ({ postalCodes }: Rate) =>
    postalCodes.length === 0 || postalCodes.some((pattern) => matchesPostalCode(countryCode, postalCode, pattern));
  const here = rates
    .filter((rate) => sizeOf(rate) >= 0 && isHere(rate))
    .sort((a, b) => Number(b.postalCodes.length > 0) - Number(a.postalCodes.length > 0) || sizeOf(a) - sizeOf(b));
  const byPriority = new Map<number, Rate>();
  for (const rate of here) if (!byPriority.has(rate.priority)) byPriority.set(rate.priority, rate);
  return [...byPriority.values()].sort((a, b) => a.priority - b.priority);
}

/** @param rates all of the country. */
export function provinceFaultOf(
  rates: readonly RateOfPlace[],
  { countryCode, province }: Destination,
): ProvinceFault | null {
  if (provinceCode(countryCode, province) !== null || rates.every((rate) => rate.province === '')) return null;
  return province ? 'PROVINCE_INVALID' : 'PROVINCE_REQUIRED';
}
