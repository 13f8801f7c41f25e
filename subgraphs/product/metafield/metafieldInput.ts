import { MAX_METAFIELDS } from '../../shared/limits';
import { cleanText } from '../../shared/typedText';
import { invalid } from '../../shared/userErrors';
import { count, type Fault, length, repeats } from '../catalog/faults';
import type { MetafieldInput, MetafieldType } from '../generated/resolvers';

const NAME = /^[\w-]{1,64}$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** By type: how a value is checked, and what the error message expects, as the end of the sentence "Expected …". */
const TYPES: Record<MetafieldType, { accepts(value: string): boolean; expected: string }> = {
  SINGLE_LINE_TEXT: { accepts: (value) => !/[\r\n]/.test(value), expected: 'a text in one line' },
  MULTI_LINE_TEXT: { accepts: () => true, expected: 'a text' },
  NUMBER_INTEGER: { accepts: (value) => /^-?\d{1,18}$/.test(value), expected: 'a whole number of at most 18 digits' },
  NUMBER_DECIMAL: {
    accepts: (value) => /^-?\d{1,15}(\.\d{1,10})?$/.test(value),
    expected: 'a decimal such as 0.5',
  },
  BOOLEAN: { accepts: (value) => value === 'true' || value === 'false', expected: '"true" or "false"' },
  DATE: { accepts: (value) => DATE.test(value) && isDate(value), expected: 'a day such as 2026-11-24' },
  DATE_TIME: {
    accepts: (value) => DATE_TIME.test(value) && isDate(value),
    expected: 'a moment such as 2026-11-24T09:30:00Z',
  },
  URL: {
    accepts: (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
    expected: 'an http or https address',
  },
  COLOR: { accepts: (value) => /^#[0-9a-f]{6}$/i.test(value), expected: 'a color such as #1a2b3c' },
  JSON: { accepts: isJson, expected: 'JSON' },
};

/** As it is kept: clean, but for JSON, whose texts a program may compare byte by byte. */
export const cleanMetafield = <Given extends MetafieldInput>(given: Given): Given =>
  given.type === 'JSON' ? given : { ...given, value: cleanText(given.value) };

export const METAFIELD_TYPES = Object.keys(TYPES) as MetafieldType[];

/** @param all the metafields that an owner would have after the change. */
export const roomForMetafieldsFaults = (all: readonly unknown[]): Fault[] =>
  all.length > MAX_METAFIELDS ? [invalid(['input', 'metafields'], `at most ${MAX_METAFIELDS} in all`)] : [];

export function metafieldFaults(metafields: readonly MetafieldInput[], field = ['input', 'metafields']): Fault[] {
  const tooMany = count(field, metafields, 0, MAX_METAFIELDS);
  if (tooMany.length > 0) return tooMany;
  return [
    ...metafields.flatMap((metafield, index) => faultsOf(metafield, [...field, String(index)])),
    ...repeats(
      field,
      metafields.map(({ namespace, key }) => `${namespace}.${key}`),
      'key',
    ),
  ];
}

function faultsOf(given: MetafieldInput, field: string[]): Fault[] {
  const { namespace, key, type, value } = cleanMetafield(given);
  const name = '1 to 64 letters, digits, hyphens and underscores';
  const { accepts, expected } = TYPES[type];
  const tooLong = length([...field, 'value'], value, 1, 65_535, true);
  return [
    ...(NAME.test(namespace) ? [] : [invalid([...field, 'namespace'], name)]),
    ...(NAME.test(key) ? [] : [invalid([...field, 'key'], name)]),
    ...(tooLong.length > 0 || accepts(value) ? tooLong : [invalid([...field, 'value'], expected)]),
  ];
}

/** Refuses a day like February 30, which JavaScript's Date would accept as March 2. */
function isDate(written: string): boolean {
  const [day = ''] = written.split('T');
  const read = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(Date.parse(written)) && !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
