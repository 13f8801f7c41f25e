import { z } from 'zod';
import { list, text } from '../../shared/inputReader';
import { countryCodeInput } from '../input/countryCode';
import { postalCodePatternInput } from '../input/postalCodePattern';
import { provinceCode } from '../input/province';

/** Enough for every country: there are some 250. */
const MAX_COUNTRIES = 250;
const MAX_PROVINCES = 100;
const MAX_POSTAL_CODES = 500;

const unique = (texts: string[]) => [...new Set(texts)].sort();

const location = z
  .object({
    countryCode: countryCodeInput,
    provinceCodes: list(text(255), { max: MAX_PROVINCES }),
    postalCodes: list(postalCodePatternInput, { max: MAX_POSTAL_CODES }).transform(unique),
  })
  .superRefine(({ countryCode, provinceCodes }, context) => {
    for (const [index, province] of provinceCodes.entries()) {
      if (provinceCode(countryCode, province) !== null) continue;
      const message = `Expected a province of ${countryCode}, by its code of ISO 3166-2 or its name.`;
      context.addIssue({ code: 'custom', message, path: ['provinceCodes', index] });
    }
  })
  .transform(({ countryCode, provinceCodes, postalCodes }) => ({
    countryCode,
    provinceCodes: unique(provinceCodes.flatMap((province) => provinceCode(countryCode, province) ?? [])),
    postalCodes,
  }));

/** The places of a zone, each country once. */
export const zoneLocationsInput = list(location, { max: MAX_COUNTRIES })
  .superRefine((locations, context) => {
    const seen = new Set<string>();
    for (const [index, { countryCode }] of locations.entries()) {
      const path = [index, 'countryCode'];
      if (seen.has(countryCode)) context.addIssue({ code: 'custom', message: 'Expected each country once.', path });
      seen.add(countryCode);
    }
  })
  .transform((locations) => locations.sort((one, other) => (one.countryCode < other.countryCode ? -1 : 1)));
