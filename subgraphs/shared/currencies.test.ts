import { isCurrencyCode, minorDigits } from './currencies';

it.each([
  'XXX',
  'XTS',
  'XAU',
  'XAG',
  'XPT',
  'XPD',
  'XDR',
  'XSU',
  'XUA',
  'XBA',
  'XAD',
  'CHE',
  'CHW',
  'CLF',
  'COU',
  'MXV',
  'USN',
  'UYI',
  'UYW',
  'BOV',
])('%s is a code of ISO 4217, and no money', (code) => {
  expect(isCurrencyCode(code)).toBe(false);
});

it.each(['ANG', 'BGN', 'HRK', 'SLL', 'ZWL', 'CUC', 'DEM', 'usd', 'US', 'USDX', '', 'toString'])(
  '%j is no currency today',
  (code) => {
    expect(isCurrencyCode(code)).toBe(false);
  },
);

it.each([
  ['XCG', 2],
  ['ZWG', 2],
  ['SLE', 2],
  ['VED', 2],
  ['USD', 2],
  ['JPY', 0],
  ['XOF', 0],
  ['KWD', 3],
])('%s is money, with %i digits', (code, digits) => {
  expect(isCurrencyCode(code)).toBe(true);
  expect(minorDigits(code)).toBe(digits);
});
