import { isReverseCharge, isVatId, vatIdInput } from './vatId';

const read = (typed: string) => vatIdInput.parse(typed);

it.each(['DE12345678', 'DE1234567890', 'ATU1234567', 'FR1234567890', 'NL123', 'EL12345678', 'XX', 'ÄÖ1234'])(
  'no VAT id: %s',
  (typed) => {
    expect(isVatId(read(typed))).toBe(false);
  },
);

it.each([
  'DE 123 456 789',
  'atu12345678',
  'BE0123.456.789',
  'FR-XX999999999',
  'NL123456789B01',
  'EL123456789',
  'CHE-123.456.789 MWST',
  'GB123456789',
  'T1234567890123',
])('a VAT id: %s', (typed) => {
  expect(isVatId(read(typed))).toBe(true);
});

it.each<[string | null, string, string | null, boolean]>([
  [null, 'FR', 'FRXX999999999', false],
  ['DE', 'DE', 'DE123456789', false],
  ['DE', 'FR', null, false],
  ['DE', 'FR', 'DE123456789', false],
  ['DE', 'CH', 'CHE123456789', false],
  ['US', 'FR', 'FRXX999999999', false],
  ['DE', 'FR', 'CHE123456789', false],
  ['DE', 'FR', 'FRXX999999999', true],
  ['DE', 'FR', 'BE0123456789', true],
  ['DE', 'GR', 'EL123456789', true],
])('a sale from %s to %s with %s has reverse charge: %s', (store, countryCode, vatId, expected) => {
  expect(isReverseCharge(store, { countryCode, vatId })).toBe(expected);
});
