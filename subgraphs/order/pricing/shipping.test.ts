import fc from 'fast-check';
import { type Parcel, ratesFor, type ShippingRate, shippingOptions } from './shipping';
import type { ZoneLocation } from './shippingZones';
import type { Destination } from './taxPlace';

const rate = (name: string, price: bigint, changes: Partial<ShippingRate> = {}): ShippingRate => ({
  id: name,
  name,
  locations: [],
  currencyCode: 'USD',
  price,
  measure: null,
  tiers: [],
  freeFrom: null,
  minDays: null,
  maxDays: null,
  pickup: null,
  excludedProductIds: [],
  ...changes,
});
const place = (countryCode: string, changes: Partial<ZoneLocation> = {}): ZoneLocation => ({
  countryCode,
  provinceCodes: [],
  postalCodes: [],
  ...changes,
});
const inZone = (name: string, ...locations: ZoneLocation[]) => rate(name, 1n, { locations });

describe('ratesFor', () => {
  const rates = [
    inZone('world'),
    inZone('Europe', place('DE'), place('GB')),
    inZone('Britain', place('GB')),
    inZone('Scotland', place('GB', { provinceCodes: ['SCT'] })),
    inZone('Westminster', place('GB', { postalCodes: ['SW1*', 'EC1A1BB'] })),
    inZone('Skye', place('GB', { provinceCodes: ['SCT'], postalCodes: ['IV*'] })),
  ];
  const names = (destination: Destination) => ratesFor(rates, destination).map(({ name }) => name);

  it.each<[string, Destination, string[]]>([
    ['of the country', { countryCode: 'DE' }, ['Europe']],
    ['of all zones that name it alike', { countryCode: 'GB' }, ['Europe', 'Britain']],
    ['of the rest of the world where no zone names it', { countryCode: 'FR', province: 'SCT' }, ['world']],
    ['of the province', { countryCode: 'GB', province: 'SCT', postalCode: 'EH1 1AA' }, ['Scotland']],
    ['of the province by its whole code or its name', { countryCode: 'GB', province: ' gb-sct ' }, ['Scotland']],
    [
      'of the beginning of the postal code, as people type it',
      { countryCode: 'GB', postalCode: 'sw1a 1aa' },
      ['Westminster'],
    ],
    ['of a whole postal code', { countryCode: 'GB', postalCode: 'EC1A-1BB' }, ['Westminster']],
    [
      'of the country where a postal code only begins as a whole one',
      { countryCode: 'GB', postalCode: 'EC1A 1BBB' },
      ['Europe', 'Britain'],
    ],
    [
      'of province and postal code where a place has both',
      { countryCode: 'GB', province: 'SCT', postalCode: 'IV41' },
      ['Skye'],
    ],
    ['not of a place of which only one is right', { countryCode: 'GB', postalCode: 'IV41' }, ['Europe', 'Britain']],
  ])('has those %s', (_case, destination, expected) => {
    expect(names(destination)).toEqual(expected);
  });

  it('has pickups for every destination, and nothing else without one', () => {
    const pickup = { name: 'Shop', line1: '1 High Street', city: 'Leeds', countryCode: 'GB' };
    const all = [inZone('Germany', place('DE')), rate('shop', 0n, { locations: null, pickup })];
    expect(ratesFor(all, { countryCode: 'DE' })).toHaveLength(2);
    expect(ratesFor(all, { countryCode: 'FR' })).toEqual(all.slice(1));
    expect(ratesFor(all, null)).toEqual(all.slice(1));
  });

  it('has none where no zone names it and none is for the rest of the world', () => {
    expect(ratesFor(rates.slice(1), { countryCode: 'FR' })).toEqual([]);
    expect(ratesFor([], { countryCode: 'FR' })).toEqual([]);
  });
});

const parcel = (changes: Partial<Parcel> = {}): Parcel => ({
  worth: 0n,
  grams: 0n,
  quantity: 1n,
  productIds: new Set(),
  ...changes,
});
const pricesOf = (rates: ShippingRate[], of: Partial<Parcel> = {}) =>
  shippingOptions(rates, parcel(of), 'USD').map((option) => [option.rate.name, option.price]);

describe('shippingOptions', () => {
  it('are none in another currency', () => {
    expect(pricesOf([rate('Euro', 1n, { currencyCode: 'EUR' })])).toEqual([]);
  });

  it('are sorted by price, equals as they come', () => {
    expect(pricesOf([rate('dear', 9n), rate('first', 5n), rate('second', 5n)])).toEqual([
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
    expect(pricesOf([rate('free', 5n, { freeFrom: 100n })], { worth })).toEqual([['free', price]]);
  });

  const tiers = [
    { from: 10n, price: 3n },
    { from: 20n, price: 7n },
    { from: 30n, price: null },
  ];
  it.each<[NonNullable<ShippingRate['measure']>, keyof Parcel]>([
    ['SUBTOTAL', 'worth'],
    ['WEIGHT', 'grams'],
    ['QUANTITY', 'quantity'],
  ])(
    'by %s cost what the last tier says that is reached, and are not offered where it has no price',
    (measure, name) => {
      const prices = [9n, 10n, 19n, 20n, 29n, 30n, 31n].map((much) =>
        pricesOf([rate('tiered', 5n, { measure, tiers })], { [name]: much }).map(([, price]) => price),
      );
      expect(prices).toEqual([[5n], [3n], [3n], [7n], [7n], [], []]);
    },
  );

  it('are none of those that exclude a product of the parcel', () => {
    const fragile = rate('fragile', 1n, { excludedProductIds: ['prod_glass'] });
    expect(pricesOf([fragile], { productIds: new Set(['prod_glass', 'prod_wood']) })).toEqual([]);
    expect(pricesOf([fragile], { productIds: new Set(['prod_wood']) })).toEqual([['fragile', 1n]]);
  });

  it('that are free from a sum are still not offered where a tier has no price', () => {
    const free = rate('free', 5n, { measure: 'WEIGHT', tiers, freeFrom: 0n });
    expect(pricesOf([free], { grams: 29n })).toEqual([['free', 0n]]);
    expect(pricesOf([free], { grams: 30n })).toEqual([]);
  });

  it('for all rates and parcels: each costs one of its rate’s prices, or nothing from freeFrom on, in ascending order', () => {
    const amount = fc.bigInt({ min: 0n, max: 1_000n });
    const anyRate = fc
      .record({
        price: amount,
        freeFrom: fc.option(amount),
        measure: fc.constantFrom('SUBTOTAL' as const, 'WEIGHT' as const, 'QUANTITY' as const),
        tiers: fc.array(fc.record({ from: amount, price: fc.option(amount) }), { maxLength: 4 }),
      })
      .map(({ price, tiers: any, ...rest }) =>
        rate('any', price, { ...rest, tiers: any.sort((one, other) => Number(one.from - other.from)) }),
      );
    const anyParcel = fc.record({
      worth: amount,
      grams: amount,
      quantity: amount,
      productIds: fc.constant(new Set<string>()),
    });
    fc.assert(
      fc.property(fc.array(anyRate, { maxLength: 5 }), anyParcel, (rates, given) => {
        const options = shippingOptions(rates, given, 'USD');
        options.forEach((option, index) => {
          const { price, tiers: own, freeFrom } = option.rate;
          const isFree = freeFrom !== null && given.worth >= freeFrom;
          expect(isFree ? option.price === 0n : [price, ...own.map((tier) => tier.price)].includes(option.price)).toBe(
            true,
          );
          expect((options[index - 1]?.price ?? 0n) <= option.price).toBe(true);
        });
      }),
    );
  });
});
