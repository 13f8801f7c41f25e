import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { cartsOf, codesOf, line } from '../test/carts';
import { orderCreate, orderInput, shippingAddress } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const eur = (amount: string) => ({ amount, currencyCode: 'EUR' });

const ZONE = 'id version name locations { countryCode provinceCodes postalCodes } rates { id name }';
const RATE = `id version name zone { id } price { amount currencyCode } freeFrom { amount } estimatedDays { min max }
  tiers { fromSubtotal { amount } fromGrams fromQuantity price { amount } }`;

function storeOf(tenantId: string) {
  const rules = pricingRulesOf(order, tenantId);
  const send = async (query: string, variables: object) => {
    const { data, errors } = await order.ask(admin(tenantId), query, { ...variables });
    if (errors) throw new Error(JSON.stringify(errors));
    return data.result;
  };
  return {
    ...rules,
    zoneUpdate: (id: string, input: object) =>
      send(
        `mutation ($id: ID!, $input: ShippingZoneUpdateInput!) { result: shippingZoneUpdate(id: $id, input: $input) {
          shippingZone { ${ZONE} } userErrors { field code } } }`,
        { id, input },
      ),
    zoneDelete: (id: string) =>
      send(
        'mutation ($id: ID!) { result: shippingZoneDelete(id: $id) { deletedShippingZoneId userErrors { field code } } }',
        { id },
      ),
    rateUpdate: (id: string, input: object) =>
      send(
        `mutation ($id: ID!, $input: ShippingRateUpdateInput!) { result: shippingRateUpdate(id: $id, input: $input) {
          shippingRate { ${RATE} } userErrors { field code } } }`,
        { id, input },
      ),
    zones: () => send(`{ result: shippingZones { ${ZONE} } }`, {}),
    rates: () => send(`{ result: shippingRates { ${RATE} } }`, {}),
  };
}

const inputFaults = (payload: { userErrors: { field: string[]; code: string }[] }) =>
  payload.userErrors.map(({ field, code }) => `${field.slice(1).join('.')} ${code}`);

describe('is refused', () => {
  it.each<[string, object, string[]]>([
    ['without a name', { name: ' ' }, ['name REQUIRED']],
    ['with an unknown country', { locations: [{ countryCode: 'ZZ' }] }, ['locations.0.countryCode INVALID']],
    [
      'with a country twice',
      { locations: [{ countryCode: 'US' }, { countryCode: 'US' }] },
      ['locations.1.countryCode INVALID'],
    ],
    [
      'with what is no province, and one of another country',
      { locations: [{ countryCode: 'US', provinceCodes: ['Narnia', 'CA-ON', 'Texas'] }] },
      ['locations.0.provinceCodes.0 INVALID', 'locations.0.provinceCodes.1 INVALID'],
    ],
    [
      'with an asterisk in the middle, alone, or anything that is no postal code',
      { locations: [{ countryCode: 'GB', postalCodes: ['S*1', '*', 'SW1%', ''] }] },
      ['0 INVALID', '1 INVALID', '2 INVALID', '3 REQUIRED'].map((at) => `locations.0.postalCodes.${at}`),
    ],
  ])('a zone %s', async (_case, input, faults) => {
    expect(inputFaults(await storeOf(freshTenantId()).shippingZone(input))).toEqual(faults);
  });

  it.each<[string, object, string[]]>([
    ['in a zone that does not exist', { zoneId: 'szon_none' }, ['zoneId NOT_FOUND']],
    [
      'that takes less than no time, or ends before it begins',
      { estimatedDays: { min: -1, max: 366 } },
      ['estimatedDays.min INVALID', 'estimatedDays.max INVALID'],
    ],
    ['whose days end before they begin', { estimatedDays: { min: 3, max: 2 } }, ['estimatedDays.max INVALID']],
    ['with a tier by nothing', { tiers: [{ price: usd('1') }] }, ['tiers.0 INVALID']],
    ['with a tier by two things', { tiers: [{ fromGrams: 1, fromQuantity: 1 }] }, ['tiers.0 INVALID']],
    ['with tiers by different things', { tiers: [{ fromGrams: 1 }, { fromQuantity: 2 }] }, ['tiers.1 INVALID']],
    ['with a tier twice', { tiers: [{ fromGrams: 1 }, { fromGrams: 1 }] }, ['tiers.1 INVALID']],
    ['with a tier below zero', { tiers: [{ fromGrams: -1 }] }, ['tiers.0.fromGrams INVALID']],
    [
      'with a tier in another currency',
      { tiers: [{ fromSubtotal: eur('1'), price: eur('2') }] },
      ['tiers.0.fromSubtotal.currencyCode INVALID', 'tiers.0.price.currencyCode INVALID'],
    ],
    [
      'with 51 tiers',
      { tiers: Array.from({ length: 51 }, (_, from) => ({ fromQuantity: from })) },
      ['tiers LIMIT_REACHED'],
    ],
  ])('a rate %s', async (_case, input, faults) => {
    const store = storeOf(freshTenantId());
    expect(inputFaults(await store.shippingRate(input))).toEqual(faults);
    expect([await store.rates(), await store.zones()]).toEqual([[], []]);
  });

  it('a rate in another store’s zone, and any change to that zone', async () => {
    const theirs = (await storeOf(freshTenantId()).shippingZone()).shippingZone.id;
    const mine = storeOf(freshTenantId());
    expect(inputFaults(await mine.shippingRate({ zoneId: theirs }))).toEqual(['zoneId NOT_FOUND']);
    const { shippingRate } = await mine.shippingRate();
    expect(inputFaults(await mine.rateUpdate(shippingRate.id, { zoneId: theirs }))).toEqual(['zoneId NOT_FOUND']);
    expect(codesOf(await mine.zoneUpdate(theirs, { name: 'Mine' }))).toEqual(['id NOT_FOUND']);
    expect(codesOf(await mine.zoneDelete(theirs))).toEqual(['id NOT_FOUND']);
  });

  it('a 101st zone, also of concurrent ones', async () => {
    const tenantId = freshTenantId();
    const sql = `INSERT INTO shipping_zones (tenant_id, id, name, locations, updated_at)
      SELECT $1, 'szon_' || n, 'Zone', '[]', now() FROM generate_series(1, 99) AS n`;
    await asOwner(order.ownerUrl, tenantId, sql, [tenantId]);
    const made = await Promise.all(Array.from({ length: 3 }, () => storeOf(tenantId).shippingZone()));
    expect(made.flatMap(inputFaults)).toEqual([' LIMIT_REACHED', ' LIMIT_REACHED']);
    expect(inputFaults(await storeOf(tenantId).shippingRate({ countryCodes: ['US'] }))).toEqual([' LIMIT_REACHED']);
  });

  it('a change that would leave tiers in two currencies, or null where there must be something', async () => {
    const store = storeOf(freshTenantId());
    const tiers = [{ fromQuantity: 2, price: usd('8') }];
    const { id } = (await store.shippingRate({ tiers })).shippingRate;
    expect(inputFaults(await store.rateUpdate(id, { price: eur('4') }))).toEqual(['tiers INVALID']);
    expect(inputFaults(await store.rateUpdate(id, { tiers: null, zoneId: null }))).toEqual([
      'zoneId REQUIRED',
      'tiers REQUIRED',
    ]);
    const { shippingZone } = await store.shippingZone();
    expect(inputFaults(await store.zoneUpdate(shippingZone.id, { locations: null }))).toEqual(['locations REQUIRED']);
    await store.zoneUpdate(shippingZone.id, { name: 'new', expectedVersion: 1 });
    expect(inputFaults(await store.zoneUpdate(shippingZone.id, { name: 'old', expectedVersion: 1 }))).toEqual([
      'expectedVersion STALE_VERSION',
    ]);
  });
});

describe('a zone', () => {
  it('keeps its places as codes, once each, and is changed in what is given', async () => {
    const store = storeOf(freshTenantId());
    const locations = [
      { countryCode: 'US', provinceCodes: ['us-ca', 'New York', 'CA'] },
      { countryCode: 'GB', postalCodes: ['sw1*', 'SW1*', 'ec1a-1bb', 'N 1'] },
    ];
    const { id } = (await store.shippingZone({ name: ' Home ', locations })).shippingZone;
    expect(await store.zones()).toEqual([
      {
        id,
        version: 1,
        name: 'Home',
        locations: [
          { countryCode: 'GB', provinceCodes: [], postalCodes: ['EC1A1BB', 'N1', 'SW1*'] },
          { countryCode: 'US', provinceCodes: ['CA', 'NY'], postalCodes: [] },
        ],
        rates: [],
      },
    ]);
    const changed = await store.zoneUpdate(id, { locations: [] });
    expect(changed.shippingZone).toMatchObject({ name: 'Home', version: 2, locations: [] });
  });

  it('takes its rates with it', async () => {
    const store = storeOf(freshTenantId());
    const { id } = (await store.shippingZone()).shippingZone;
    await store.shippingRate({ zoneId: id });
    expect(await store.zoneDelete(id)).toEqual({ deletedShippingZoneId: id, userErrors: [] });
    expect([await store.rates(), await store.zones()]).toEqual([[], []]);
  });

  it('is added by a rate with countries, once for the same countries in any order', async () => {
    const store = storeOf(freshTenantId());
    const rates = await Promise.all([
      store.shippingRate({ countryCodes: ['US', 'CA'] }),
      store.shippingRate({ countryCodes: ['CA', 'US', 'CA'] }),
      store.shippingRate(),
    ]);
    const [first, second, world] = rates.map(({ shippingRate }) => shippingRate.zone.id);
    expect(first).toBe(second);
    const zones: { id: string; name: string }[] = await store.zones();
    expect(zones.map(({ id, name }) => [id, name]).sort()).toEqual(
      [
        [first, 'CA, US'],
        [world, 'Rest of the world'],
      ].sort(),
    );
  });
});

describe('a rate', () => {
  it('keeps tiers in ascending order, is moved to another zone, and loses what is null', async () => {
    const store = storeOf(freshTenantId());
    const tiers = [
      { fromSubtotal: usd('100'), price: null },
      { fromSubtotal: usd('50'), price: usd('2.50') },
    ];
    const { id } = (await store.shippingRate({ tiers, estimatedDays: { min: 1, max: 3 } })).shippingRate;
    const kept = {
      estimatedDays: { min: 1, max: 3 },
      tiers: [
        { fromSubtotal: { amount: '50.00' }, fromGrams: null, fromQuantity: null, price: { amount: '2.50' } },
        { fromSubtotal: { amount: '100.00' }, fromGrams: null, fromQuantity: null, price: null },
      ],
    };
    expect((await store.rateUpdate(id, { name: 'Parcel' })).shippingRate).toMatchObject(kept);
    const zoneId = (await store.shippingZone()).shippingZone.id;
    const changed = await store.rateUpdate(id, { zoneId, estimatedDays: null, tiers: [] });
    expect(changed.shippingRate).toMatchObject({ version: 3, zone: { id: zoneId }, estimatedDays: null, tiers: [] });
  });

  it('is offered by zone and number of items, with its days, which the order keeps', async () => {
    const tenantId = freshTenantId();
    const store = storeOf(tenantId);
    const zone = async (locations: object[]) => (await store.shippingZone({ locations })).shippingZone.id as string;
    const [states, california, hills] = [
      await zone([{ countryCode: 'US' }]),
      await zone([{ countryCode: 'US', provinceCodes: ['CA'] }]),
      await zone([{ countryCode: 'US', postalCodes: ['90210', '941*'] }]),
    ];
    const tiers = [{ fromQuantity: 3, price: usd('9.00') }];
    const estimatedDays = { min: 2, max: 4 };
    await store.shippingRate({ name: 'Everywhere', zoneId: states });
    await store.shippingRate({ name: 'California', zoneId: california, tiers, estimatedDays });
    await store.shippingRate({ name: 'Courier', zoneId: hills });
    const carts = cartsOf(order, visitor(tenantId));
    const optionsAt = async (changes: object, quantity = 1) => {
      const address = { ...shippingAddress, ...changes };
      const { cart } = await carts.create({ lines: [line('pvar_1', quantity)], shippingAddress: address });
      return cart.shippingOptions.map(({ name, price }: { name: string; price: { amount: string } }) => [
        name,
        price.amount,
      ]);
    };
    expect(await optionsAt({})).toEqual([['Everywhere', '5.00']]);
    expect(await optionsAt({ province: 'CA', postalCode: '94999' })).toEqual([['California', '5.00']]);
    expect(await optionsAt({ province: 'CA', postalCode: '94999' }, 3)).toEqual([['California', '9.00']]);
    expect(await optionsAt({ province: 'CA', postalCode: '94105' })).toEqual([['Courier', '5.00']]);
    expect(await optionsAt({ countryCode: 'CA', province: 'ON' })).toEqual([]);

    const address = { ...shippingAddress, province: 'CA' };
    const { order: placed } = await orderCreate(order, visitor(tenantId), orderInput({ shippingAddress: address }));
    const query = 'query ($id: ID!) { order(id: $id) { shippingName estimatedDays { min max } } }';
    expect((await order.ask(admin(tenantId), query, { id: placed.id })).data.order).toEqual({
      shippingName: 'California',
      estimatedDays,
    });
  });
});
