import { fitsOrder, type MethodLimits } from './fitsOrder';

const method = (limits: Partial<MethodLimits> = {}): MethodLimits => ({
  countryCodes: [],
  currencyCodes: [],
  minimumTotalAmount: null,
  maximumTotalAmount: null,
  totalCurrencyCode: null,
  ...limits,
});
const usd = (minorUnits: bigint) => ({ minorUnits, currencyCode: 'USD' });
const between = method({ minimumTotalAmount: 1_000n, maximumTotalAmount: 5_000n, totalCurrencyCode: 'USD' });

describe('a payment method does not take an order', () => {
  it.each([
    ['to another country', method({ countryCodes: ['DE', 'FR'] }), { countryCode: 'US' }],
    ['in another currency', method({ currencyCodes: ['EUR'] }), { total: usd(100n) }],
    ['below its smallest total', between, { total: usd(999n) }],
    ['above its largest total', between, { total: usd(5_001n) }],
    ['in another currency than that of its limits', between, { total: { minorUnits: 2_000n, currencyCode: 'JPY' } }],
  ])('%s', (_which, limits, order) => {
    expect(fitsOrder(limits, order)).toBe(false);
  });
});

describe('a payment method takes an order', () => {
  it.each([
    ['without limits', method(), { countryCode: 'US', total: usd(1n) }],
    ['to one of its countries', method({ countryCodes: ['DE', 'US'] }), { countryCode: 'US' }],
    ['of exactly its smallest total', between, { total: usd(1_000n) }],
    ['of exactly its largest total', between, { total: usd(5_000n) }],
    ['whose country and total are not known yet', { ...between, countryCodes: ['DE'] }, {}],
  ])('%s', (_which, limits, order) => {
    expect(fitsOrder(limits, order)).toBe(true);
  });
});
