import { ratesFor, type ShippingRate, shippingOptions } from './shipping';

const rate = (name: string, price: bigint, changes: Partial<ShippingRate> = {}): ShippingRate => ({
  id: name,
  name,
  countryCodes: [],
  currencyCode: 'USD',
  price,
  freeFrom: null,
  ...changes,
});

describe('ratesFor', () => {
  const [german, everywhere] = [rate('German', 1n, { countryCodes: ['DE', 'AT'] }), rate('Everywhere', 2n)];

  it('has only the rates that name the country, if any', () => {
    expect(ratesFor([everywhere, german], 'AT')).toEqual([german]);
  });

  it('has those for every country when none names it', () => {
    expect(ratesFor([german, everywhere], 'FR')).toEqual([everywhere]);
    expect(ratesFor([german], 'FR')).toEqual([]);
  });
});

describe('shippingOptions', () => {
  it('are none in another currency', () => {
    expect(shippingOptions([rate('Euro', 1n, { currencyCode: 'EUR' })], 100n, 'USD')).toEqual([]);
  });

  it('are sorted by price, equals as they come', () => {
    const [dear, first, second] = [rate('dear', 9n), rate('first', 5n), rate('second', 5n)];
    const names = shippingOptions([dear, first, second], 0n, 'USD').map((option) => [option.rate.name, option.price]);
    expect(names).toEqual([
      ['first', 5n],
      ['second', 5n],
      ['dear', 9n],
    ]);
  });

  it.each([
    [99n, 5n],
    [100n, 0n],
    [101n, 0n],
  ])('cost nothing from where they are free: goods of %s cost %s', (worth, price) => {
    expect(shippingOptions([rate('free', 5n, { freeFrom: 100n })], worth, 'USD')).toMatchObject([{ price }]);
  });
});
