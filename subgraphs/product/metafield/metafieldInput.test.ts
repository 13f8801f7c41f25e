import type { MetafieldType } from '../generated/resolvers';
import { metafieldFaults } from './metafieldInput';

const metafield = (changes: object) => ({
  namespace: 'care',
  key: 'washing',
  type: 'SINGLE_LINE_TEXT' as MetafieldType,
  value: 'cold',
  isPublic: false,
  ...changes,
});
const faultsOf = (...metafields: ReturnType<typeof metafield>[]) =>
  metafieldFaults(metafields).map(({ field, code }) => `${field.slice(2).join('.')} ${code}`);

it.each([
  ['SINGLE_LINE_TEXT', 'a\nb', 'a b'],
  ['NUMBER_INTEGER', '1.5', '-12'],
  ['NUMBER_INTEGER', '9'.repeat(19), '9'.repeat(18)],
  ['NUMBER_DECIMAL', '1e3', '-0.5'],
  ['BOOLEAN', 'yes', 'true'],
  ['DATE', '2026-02-30', '2028-02-29'],
  ['DATE_TIME', '2026-11-24', '2026-11-24T09:30:00Z'],
  ['URL', 'javascript:alert(1)', 'https://example.com/a'],
  ['COLOR', 'red', '#1a2B3c'],
  ['JSON', '{a: 1}', '{"a":[1]}'],
])('%s refuses %p and accepts %p', (type, wrong, right) => {
  expect(faultsOf(metafield({ type, value: wrong }))).toEqual(['0.value INVALID']);
  expect(faultsOf(metafield({ type, value: right }))).toEqual([]);
});

it('refuses invalid names, repeated names, an empty value and too many', () => {
  expect(faultsOf(metafield({ namespace: 'a b', key: '' }))).toEqual(['0.namespace INVALID', '0.key INVALID']);
  expect(faultsOf(metafield({}), metafield({ value: 'hot' }))).toEqual(['1.key INVALID']);
  expect(faultsOf(metafield({}), metafield({ namespace: 'other' }))).toEqual([]);
  expect(faultsOf(metafield({ value: '' }))).toEqual(['0.value REQUIRED']);
  expect(faultsOf(...Array.from({ length: 51 }, (_, n) => metafield({ key: `k${n}` })))).toEqual([' INVALID']);
});
