import { text } from '../../shared/inputReader';

/**
 * The shapes of the EU's member states, which VIES asks for (https://ec.europa.eu/taxation_customs/vies, "FAQ"), of Northern Ireland (XI), and
 * of some neighbours. Check digits are not looked at: whether an id is anybody's is for a tax service to say.
 */
const SHAPES: Readonly<Record<string, RegExp>> = {
  AT: /^U\d{8}$/,
  BE: /^[01]\d{9}$/,
  BG: /^\d{9,10}$/,
  CH: /^E\d{9}(MWST|TVA|IVA)?$/,
  CY: /^\d{8}[A-Z]$/,
  CZ: /^\d{8,10}$/,
  DE: /^\d{9}$/,
  DK: /^\d{8}$/,
  EE: /^\d{9}$/,
  EL: /^\d{9}$/,
  ES: /^[A-Z0-9]\d{7}[A-Z0-9]$/,
  FI: /^\d{8}$/,
  FR: /^[A-HJ-NP-Z0-9]{2}\d{9}$/,
  GB: /^(\d{9}|\d{12}|(GD|HA)\d{3})$/,
  HR: /^\d{11}$/,
  HU: /^\d{8}$/,
  IE: /^\d[A-Z0-9+*]\d{5}[A-Z]{1,2}$/,
  IT: /^\d{11}$/,
  LT: /^(\d{9}|\d{12})$/,
  LU: /^\d{8}$/,
  LV: /^\d{11}$/,
  MT: /^\d{8}$/,
  NL: /^[A-Z0-9+*]{12}$/,
  NO: /^\d{9}(MVA)?$/,
  PL: /^\d{10}$/,
  PT: /^\d{9}$/,
  RO: /^\d{2,10}$/,
  SE: /^\d{12}$/,
  SI: /^\d{8}$/,
  SK: /^\d{10}$/,
  XI: /^(\d{9}|\d{12}|(GD|HA)\d{3})$/,
};

/** The member states of the EU. */
const EU = new Set('AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '));

/** Greece's ids begin with EL. */
const countryOf = (vatId: string): string => vatId.slice(0, 2).replace('EL', 'GR');

/** A VAT id as it was typed, in upper case and without spaces, dots and hyphens. */
export const vatIdInput = text(32).transform((typed) => typed.toUpperCase().replace(/[\s.-]/g, ''));

/** Whether an id has the shape of its country's: that which it begins with. Of the shapes of other countries nothing is known. */
export function isVatId(id: string): boolean {
  const shape = SHAPES[id.slice(0, 2)];
  return shape ? shape.test(id.slice(2)) : /^[A-Z0-9]{4,20}$/.test(id);
}

/**
 * Whether the buyer owes the tax and not the store: goods are sent from one member state of the EU to another, to a business with a VAT id of
 * any but the first. Council Directive 2006/112/EC, article 138 (1).
 * @param storeCountry where the store is established; null when that is not known.
 */
export function isReverseCharge(
  storeCountry: string | null,
  { countryCode, vatId }: { countryCode: string; vatId?: string | null | undefined },
): boolean {
  if (!vatId || storeCountry === null || storeCountry === countryCode || storeCountry === countryOf(vatId))
    return false;
  return [storeCountry, countryCode, countryOf(vatId)].every((country) => EU.has(country));
}
