import { cheapestShipping, ratesFor, type ShippingRate } from './shipping';

const rate = (name: string, price: bigint, changes: Partial<ShippingRate> = {}): ShippingRate => ({
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

describe('cheapestShipping', () => {
  it('is null when no rate is in the currency', () => {
    expect(cheapestShipping([rate('Euro', 1n, { currencyCode: 'EUR' })], 100n, 'USD')).toBeNull();
  });

  it('is the cheapest, and the first of equals', () => {
    const [dear, first, second] = [rate('dear', 9n), rate('first', 5n), rate('second', 5n)];
    expect(cheapestShipping([dear, first, second], 0n, 'USD')).toEqual({ rate: first, price: 5n });
    expect(cheapestShipping([first, dear], 0n, 'USD')).toEqual({ rate: first, price: 5n });
  });

  it.each([
    [99n, 5n],
    [100n, 0n],
    [101n, 0n],
  ])('costs nothing from where it is free: goods of %s cost %s', (worth, price) => {
    expect(cheapestShipping([rate('free', 5n, { freeFrom: 100n })], worth, 'USD')?.price).toBe(price);
  });
});
