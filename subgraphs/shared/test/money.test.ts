import { minorDigits } from '../currencies';
import { formatMoney, parseMoney } from '../money';

describe('parseMoney', () => {
  it.each([
    ['-1', 'USD'],
    ['1.005', 'USD'],
    ['1.5', 'JPY'],
    ['1e3', 'USD'],
    ['NaN', 'USD'],
    ['', 'USD'],
    ['1,50', 'USD'],
    ['.5', 'USD'],
    ['9999999999999999', 'USD'],
    ['99999999999999', 'USD'],
    ['10000000000000.01', 'USD'],
    ['1000000000000001', 'JPY'],
    ['1', 'usd'],
    ['1', 'ABC'],
    ['1', 'USDX'],
    ['1', 'XUSD'],
    ['1 ', 'USD'],
    [' 1', 'USD'],
    ['1.', 'USD'],
  ])('refuses %p %s', (amount, currencyCode) => {
    expect(() => parseMoney({ amount, currencyCode }, 'price')).toThrow(/^price\./);
  });

  it.each([
    ['150.00', 'USD', 15_000n],
    ['150', 'USD', 15_000n],
    ['0.1', 'USD', 10n],
    ['0', 'USD', 0n],
    ['1500', 'JPY', 1_500n],
    ['1.234', 'KWD', 1_234n],
    ['10000000000000.00', 'USD', 1_000_000_000_000_000n],
    ['1.2', 'KWD', 1_200n],
    ['000000000000001', 'JPY', 1n],
  ])('reads %s %s as minor units', (amount, currencyCode, minorUnits) => {
    expect(parseMoney({ amount, currencyCode }, 'price')).toEqual({ minorUnits, currencyCode });
  });
});

it.each([
  ['1', 'usd', 'price.currencyCode: expected an ISO 4217 code such as USD'],
  [
    '1.005',
    'USD',
    'price.amount: expected a decimal of zero or more with at most 2 digits after the point, such as "10.00"',
  ],
  [
    '1.5',
    'JPY',
    'price.amount: expected a decimal of zero or more with at most 0 digits after the point, such as "10"',
  ],
  ['10000000000000.01', 'USD', 'price.amount: expected a smaller amount'],
])('parseMoney says of %s %s what it expects instead', (amount, currencyCode, message) => {
  expect(() => parseMoney({ amount, currencyCode }, 'price')).toThrow(new Error(message));
});

describe('formatMoney', () => {
  it.each([
    [15_000n, 'USD', '150.00'],
    [5n, 'USD', '0.05'],
    [0n, 'USD', '0.00'],
    [1_500n, 'JPY', '1500'],
    [1n, 'KWD', '0.001'],
    [10n, 'USD', '0.10'],
    [123_456_789_012_345n, 'USD', '1234567890123.45'],
    [0n, 'JPY', '0'],
  ])('writes %s of %s with the currency’s digits', (minorUnits, currencyCode, amount) => {
    expect(formatMoney({ minorUnits, currencyCode })).toEqual({ amount, currencyCode });
  });
});

it('uses two digits for a code that ISO 4217 does not have, such as a withdrawn currency’s', () => {
  expect([minorDigits('DEM'), minorDigits('DEM')]).toEqual([2, 2]);
});

it('uses ISO 4217’s digits even if ICU’s differ', () => {
  expect([minorDigits('HUF'), minorDigits('IQD'), minorDigits('ALL')]).toEqual([2, 3, 2]);
});
