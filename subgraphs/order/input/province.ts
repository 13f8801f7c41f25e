import { placeName } from './placeName';
import { PROVINCE_NAMES } from './provinceNames';

interface Province {
  /** ISO 3166-2 without the country: ON. */
  code: string;
  /** The province that it is a part of; null when that is the country. */
  parent: string | null;
}

interface Country {
  byCode: Map<string, Province>;
  byName: Map<string, Province>;
  /** Whether post writes the codes, and not the names. */
  writesCodes: boolean;
}

/** Sales taxes differ by them: an address whose province is none of theirs is refused, whatever the store's own rates are. */
const TAXED_BY_PROVINCE = new Set(['CA', 'US']);

/** Read when an address in the country is first asked about: a store sells to few countries. */
const countries = new Map<string, Country>();

/**
 * The code of a province that was typed as its code (ON, CA-ON) or its name (Ontario, Québec, 東京都): ISO 3166-2 without the country.
 * The names are those in English and in the country's own languages.
 * @returns null when the country has no such province, or none was typed.
 */
export function provinceCode(countryCode: string, typed: string | null | undefined): string | null {
  return findProvince(countryCode, typed)?.code ?? null;
}

/** A province and those that it is a part of, the smallest first: a rate for Catalonia (ES-CT) is one for Barcelona (ES-B), too. */
export function provinceLineage(countryCode: string, code: string): string[] {
  const lineage: string[] = [];
  let province = countryOf(countryCode).byCode.get(code);
  while (province && !lineage.includes(province.code)) {
    lineage.push(province.code);
    province = province.parent === null ? undefined : countryOf(countryCode).byCode.get(province.parent);
  }
  return lineage;
}

/** A province as it is printed on a parcel: its code where post writes codes, else what was typed. */
export function postalProvince(countryCode: string, typed: string): string {
  const code = provinceCode(countryCode, typed);
  return code !== null && countryOf(countryCode).writesCodes ? code : typed;
}

/** Whether an address can't be in a province of this name. In most countries a province decides nothing: any text is taken. */
export const isWrongProvince = (countryCode: string, typed: string | null | undefined): boolean =>
  Boolean(typed) && TAXED_BY_PROVINCE.has(countryCode) && provinceCode(countryCode, typed) === null;

function findProvince(countryCode: string, typed: string | null | undefined): Province | undefined {
  if (!typed) return undefined;
  const { byCode, byName } = countryOf(countryCode);
  const upper = typed.trim().toUpperCase();
  const own = upper.startsWith(`${countryCode}-`) ? upper.slice(countryCode.length + 1) : upper;
  return byCode.get(own) ?? byName.get(placeName(typed));
}

function countryOf(countryCode: string): Country {
  const known = countries.get(countryCode);
  if (known) return known;
  const country = readCountry(PROVINCE_NAMES[countryCode] ?? '');
  countries.set(countryCode, country);
  return country;
}

/** See provinceNames.ts for the format. */
function readCountry(text: string): Country {
  const country: Country = { byCode: new Map(), byName: new Map(), writesCodes: text.startsWith('!') };
  for (const entry of text.replace(/^!/, '').split(';').filter(Boolean)) {
    const [, code = '', parent, names = ''] = /^([^<=]+)(?:<([^=]+))?=(.*)$/.exec(entry) ?? [];
    const province = { code, parent: parent ?? null };
    country.byCode.set(code, province);
    for (const name of names.split('|').filter(Boolean)) {
      // A province and a smaller one in it may have one name, as Madrid: addresses name the smaller one.
      if (!country.byName.has(name) || province.parent !== null) country.byName.set(name, province);
    }
  }
  return country;
}
