import { text } from '../../shared/inputReader';

/** Postal codes are typed in any case, and with or without their spaces and hyphens: k1a 0b1, 150-0001. */
const bare = (typed: string): string => typed.toUpperCase().replace(/[\s-]/g, '');

const RANGE = /^([A-Z0-9]+)\.\.([A-Z0-9]+)$/;

/** One code (10001), all that begin alike (K1A*), or all from one to another of the same length (10001..10292). */
export const postalCodePatternInput = text(64)
  .transform(bare)
  .refine((pattern) => {
    const [, from = '', to = ''] = RANGE.exec(pattern) ?? [];
    return from ? from.length === to.length && from <= to : /^[A-Z0-9]+\*?$/.test(pattern);
  }, 'Expected a postal code such as 10001, the beginning of some as 100*, or a range as 10001..10292.');

/** @param pattern as {@link postalCodePatternInput} has read it. */
export function matchesPostalCode(
  countryCode: string,
  postalCode: string | null | undefined,
  pattern: string,
): boolean {
  if (!postalCode) return false;
  // Four more digits after a ZIP code name a side of a street: https://en.wikipedia.org/wiki/ZIP_Code#ZIP+4
  const code = countryCode === 'US' ? bare(postalCode).slice(0, 5) : bare(postalCode);
  if (pattern.endsWith('*')) return code.startsWith(pattern.slice(0, -1));
  const [, from = '', to = ''] = RANGE.exec(pattern) ?? [];
  if (!from) return code === pattern;
  return code.length === from.length && code >= from && code <= to;
}
