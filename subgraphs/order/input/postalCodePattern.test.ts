import { matchesPostalCode, postalCodePatternInput } from './postalCodePattern';

it.each(['*', '1*0', '10001...2', '20..10', '100..20', '', '10 001,2'])('no pattern: %p', (pattern) => {
  expect(postalCodePatternInput.safeParse(pattern).success).toBe(false);
});

it.each<[string, string, string | null, boolean]>([
  ['US', '10001', '10001', true],
  ['US', '10001', '10001-1234', true],
  ['US', '10001', '10002', false],
  ['US', '100*', '10099', true],
  ['US', '100*', '10199', false],
  ['US', '10001..10292', '10292', true],
  ['US', '10001..10292', '10293', false],
  ['US', '10001..10292', '1010', false],
  ['CA', 'k1a *', 'K1A 0B1', true],
  ['CA', 'K1A0B1', 'k1a 0b1', true],
  ['JP', '150-0001', '1500001', true],
  ['US', '1*', null, false],
])('in %s, %s matches %s: %s', (countryCode, typed, postalCode, expected) => {
  const pattern = postalCodePatternInput.safeParse(typed).data ?? typed;
  expect(matchesPostalCode(countryCode, postalCode, pattern)).toBe(expected);
});
