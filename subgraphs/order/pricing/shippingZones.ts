import { matchesPostalCode } from '../input/postalCodePattern';
import { provinceCode, provinceLineage } from '../input/province';
import type { Destination } from './taxPlace';

/** A country, or a part of it: all provinces that are named, and all postal codes; where none are, all of the country's. */
export interface ZoneLocation {
  /** ISO 3166-1 alpha-2. */
  countryCode: string;
  /** ISO 3166-2 without the country, such as CA for California. */
  provinceCodes: readonly string[];
  /** Patterns, such as SW1*. */
  postalCodes: readonly string[];
}

/**
 * Those whose zone names the destination most precisely: by postal code, else by province, else by country, else those for the rest of the
 * world, which name no location. Zones that name it alike are all used.
 */
export function mostPrecise<Of extends { locations: readonly ZoneLocation[] }>(
  all: readonly Of[],
  destination: Destination,
): Of[] {
  const found = all.map((one) => ({ one, precision: precisionOf(one.locations, destination) }));
  const highest = Math.max(...found.map(({ precision }) => precision));
  return highest < 0 ? [] : found.filter(({ precision }) => precision === highest).map(({ one }) => one);
}

/** -1 when the destination is not in any of the locations. */
function precisionOf(locations: readonly ZoneLocation[], destination: Destination): number {
  if (locations.length === 0) return 0;
  return Math.max(
    ...locations.map((location) => {
      if (!contains(location, destination)) return -1;
      if (location.postalCodes.length > 0) return 3;
      return location.provinceCodes.length > 0 ? 2 : 1;
    }),
  );
}

function contains({ countryCode, provinceCodes, postalCodes }: ZoneLocation, destination: Destination): boolean {
  if (countryCode !== destination.countryCode) return false;
  const { postalCode } = destination;
  return (
    (provinceCodes.length === 0 || provincesOf(destination).some((code) => provinceCodes.includes(code))) &&
    (postalCodes.length === 0 || postalCodes.some((pattern) => matchesPostalCode(countryCode, postalCode, pattern)))
  );
}

/** The province, and those that it is a part of. */
function provincesOf({ countryCode, province }: Destination): string[] {
  const code = provinceCode(countryCode, province);
  return code === null ? [] : provinceLineage(countryCode, code);
}
