import { randomInt, randomUUID } from 'node:crypto';
import {
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
} from 'graphql';
import type { Names } from '../isolation/argumentsOf';
import type { Operation } from '../isolation/operations';
import { RIGHT, type ValueDocument } from './valuePlaces';

/** In all secrets but the card's number, which has none but digits. */
export const MARK = `planted${randomUUID().slice(0, 8)}`;
export const CARD = cardNumber();

const SECRETS = [
  `sk_live_${MARK}`,
  `eyJhbGciOiJIUzI1NiJ9.${MARK}.c2lnbmF0dXJl`,
  `__session=${MARK}; Path=/`,
  `whsec_${MARK}`,
  CARD,
  `ada.${MARK}@example.com`,
  `12 ${MARK} Street`,
];

/** Lines that have a secret in them, however it is written: in another case, or with its digits in groups. */
export function linesWithSecrets(lines: readonly string[]): string[] {
  return lines.filter((line) => line.toLowerCase().includes(MARK) || line.replace(/[ -]/g, '').includes(CARD));
}

/** @param kind `any`: a secret of some kind in each text and each id; `fitting`: what such a text may be, beside ids that there are. */
export function plantedDocument(operation: Operation, kind: 'any' | 'fitting', names: Names): ValueDocument {
  const { field, type, name } = operation;
  let planted = 0;
  const variables = Object.fromEntries(field.args.map((arg) => [arg.name, valueAt(arg.type, [arg.name], [])]));
  const declared = field.args.map((arg) => `$${arg.name}: ${arg.type}`);
  const passed = field.args.map((arg) => `${arg.name}: $${arg.name}`);
  const [head, args] = field.args.length > 0 ? [`(${declared.join(', ')})`, `(${passed.join(', ')})`] : ['', ''];
  const below = getNamedType(field.type);
  const isPayload = isObjectType(below) && below.getFields().userErrors !== undefined;
  const selection =
    'getFields' in below || 'getTypes' in below ? `{ __typename ${isPayload ? 'userErrors { code }' : ''} }` : '';
  return { query: `${type.toLowerCase()} Planted${head} { ${name}${args} ${selection} }`, variables };

  function valueAt(given: GraphQLInputType, path: string[], within: string[]): unknown {
    const bare = getNullableType(given);
    if (isListType(bare)) return [valueAt(bare.ofType, path, within)];
    if (isInputObjectType(bare)) {
      const inner = Object.values(bare.getFields()).filter(({ type }) => !within.includes(getNamedType(type).name));
      return Object.fromEntries(
        inner.map((one) => [one.name, valueAt(one.type, [...path, one.name], [...within, bare.name])]),
      );
    }
    if (isEnumType(bare)) return bare.getValues()[0]?.name;
    if (bare.name !== 'String' && bare.name !== 'ID') return RIGHT[bare.name];
    planted += 1;
    const any = SECRETS[planted % SECRETS.length];
    if (kind === 'any') return any;
    const leaf = operation.leaves.find((one) => one.path.join('.') === path.join('.'));
    // Its own address, confirmed, would delete the store.
    if (leaf && leaf.kind !== 'storeSlug' && names[leaf.kind] !== undefined) return names[leaf.kind];
    return fitting(path.at(-1) ?? '') ?? any;
  }
}

function fitting(name: string): string | undefined {
  if (/email/i.test(name)) return `ada.${MARK}@example.com`;
  if (/country/i.test(name)) return 'US';
  if (/province/i.test(name)) return 'CA';
  if (/url/i.test(name)) return `https://example.com/${MARK}`;
  if (/host/i.test(name)) return `${MARK}.example.com`;
  if (/line|city|name|title|note|street|description/i.test(name)) return `12 ${MARK} Street`;
  return undefined;
}

/** Sixteen digits with a right check digit (Luhn), as of a Visa card. */
function cardNumber(): string {
  const digits = [4, ...Array.from({ length: 14 }, () => randomInt(10))];
  const sum = digits.reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return [...digits, (10 - (sum % 10)) % 10].join('');
}
