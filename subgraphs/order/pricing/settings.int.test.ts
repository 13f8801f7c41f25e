import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, member, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;
let attacker: string;
let victim: string;
const theirs: Record<'shippingRate' | 'shippingZone' | 'taxRate' | 'discount', string> = {
  shippingRate: '',
  taxRate: '',
  discount: '',
  shippingZone: '',
};

beforeAll(async () => {
  order = await startTestSubgraph();
  attacker = freshTenantId('attacker');
  victim = freshTenantId('victim');
  const terms = pricingRulesOf(order, victim);
  const { shippingRate } = await terms.shippingRate();
  theirs.shippingRate = shippingRate.id;
  theirs.shippingZone = shippingRate.zone.id;
  theirs.taxRate = (await terms.taxRate()).taxRate.id;
  theirs.discount = (await terms.discount({ code: 'THEIRS' })).discount.id;
});
afterAll(() => order?.close());

const PRICE = '{ amount: "1.00", currencyCode: USD }';
const MUTATIONS: [keyof typeof theirs, string][] = [
  ['shippingRate', `shippingRateUpdate(id: $id, input: { name: "x", price: ${PRICE} }) { shippingRate { id }`],
  ['shippingZone', 'shippingZoneUpdate(id: $id, input: { name: "x" }) { shippingZone { id }'],
  ['shippingZone', 'shippingZoneDelete(id: $id) { deletedShippingZoneId'],
  ['shippingRate', 'shippingRateDelete(id: $id) { deletedShippingRateId'],
  ['taxRate', 'taxRateUpdate(id: $id, input: { rate: "0.01" }) { taxRate { id }'],
  ['taxRate', 'taxRateDelete(id: $id) { deletedTaxRateId'],
  ['discount', 'discountUpdate(id: $id, input: { title: "x" }) { discount { id }'],
  ['discount', 'discountDelete(id: $id) { deletedDiscountId'],
];
const CREATIONS = [
  'shippingZoneCreate(input: { name: "x" }) {',
  `shippingRateCreate(input: { name: "x", price: ${PRICE} }) {`,
  'taxRateCreate(input: { countryCode: "US", name: "x", rate: "1" }) {',
  'taxSettingsUpdate(input: { pricesIncludeTax: true }) {',
  'discountCreate(input: { title: "x", basisPoints: 1 }) {',
];
const LISTS = [
  'shippingZones { id }',
  'shippingRates { id }',
  'taxSettings { rates { id } }',
  'discounts { nodes { id } }',
  'discount(id: "disc_1") { id }',
];

describe('as staff of another store', () => {
  it.each(MUTATIONS)('a foreign %s answers like a random one, and is not changed: %s', async (kind, mutation) => {
    const before = await checksumOfTenant(order.ownerUrl, victim);
    const query = `mutation ($id: ID!) { result: ${mutation} userErrors { field code message } } }`;
    const foreign = await order.ask(admin(attacker), query, { id: theirs[kind] });
    expect(foreign).toEqual(await order.ask(admin(attacker), query, { id: 'x_none' }));
    expect(foreign.data.result).toMatchObject({ userErrors: [{ field: ['id'], code: 'NOT_FOUND' }] });
    expect(await checksumOfTenant(order.ownerUrl, victim)).toEqual(before);
  });

  it('no list and no look-up shows their rows', async () => {
    const query = `query ($id: ID!) { shippingZones { id } shippingRates { id } taxSettings { rates { id } } discounts(first: 100) { totalCount nodes { id } } discount(id: $id) { id } }`;
    const { data } = await order.ask(admin(attacker), query, { id: theirs.discount });
    expect(data).toEqual({
      shippingZones: [],
      shippingRates: [],
      taxSettings: { rates: [] },
      discounts: { totalCount: 0, nodes: [] },
      discount: null,
    });
  });

  it('a code that is taken in their store is free in one’s own', async () => {
    const terms = pricingRulesOf(order, freshTenantId());
    expect((await terms.discount({ code: 'THEIRS' })).userErrors).toEqual([]);
    expect((await terms.taxRate()).userErrors).toEqual([]);
  });
});

describe('within a store', () => {
  it.each<[string, (tenantId: string) => Caller, string[]]>([
    ['visitor', visitor, [...CREATIONS, ...MUTATIONS.map(([, mutation]) => mutation)]],
    ['customer', customer, [...CREATIONS, ...MUTATIONS.map(([, mutation]) => mutation)]],
    ['service', service, [...CREATIONS, ...MUTATIONS.map(([, mutation]) => mutation)]],
    [
      'member',
      member,
      [...CREATIONS, ...MUTATIONS.map(([, mutation]) => mutation)].filter((name) => !name.startsWith('discount')),
    ],
  ])('a %s may not change the settings', async (_role, caller, mutations) => {
    for (const mutation of mutations) {
      const query = `mutation { ${mutation.replace('$id', '"x"')} userErrors { code } } }`;
      const { errors } = await order.ask(caller(victim), query);
      expect([mutation, errors?.[0]?.extensions?.code]).toEqual([mutation, refusalOf(caller)]);
    }
  });

  it('shoppers see no settings', async () => {
    for (const caller of [visitor(victim), customer(victim)]) {
      for (const list of LISTS) {
        const { data, errors } = await order.ask(caller, `{ ${list} }`);
        expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
        expect(JSON.stringify(data ?? null)).not.toMatch(/disc_|srat_|szon_|trat_/);
      }
    }
  });
});

const codesOf = (payload: { userErrors: { field: string[]; code: string }[] }) =>
  payload.userErrors.map(({ field, code }) => `${field.slice(1).join('.')} ${code}`);
const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const eur = (amount: string) => ({ amount, currencyCode: 'EUR' });

describe('is refused', () => {
  const off = (amount: string) => ({ basisPoints: null, amount: usd(amount) });
  const FREE = { basisPoints: null, freeShipping: {} };
  const BUY_TWO = { buys: {}, buysQuantity: 2, getsQuantity: 1 };
  it.each<[string, object, string[]]>([
    ['an empty title', { title: ' ' }, ['title REQUIRED']],
    ['neither a percentage nor an amount', { basisPoints: null }, ['amount INVALID']],
    ['both a percentage and an amount', { amount: usd('1') }, ['amount INVALID']],
    ['a percentage of 0', { basisPoints: 0 }, ['basisPoints INVALID']],
    ['more than 100 %', { basisPoints: 10_001 }, ['basisPoints INVALID']],
    ['an amount of 0', { basisPoints: null, amount: usd('0') }, ['amount INVALID']],
    [
      'a minimum in another currency',
      { basisPoints: null, amount: usd('1'), minimumSubtotal: eur('1') },
      ['minimumSubtotal INVALID'],
    ],
    [
      'an end before the start',
      { startsAt: '2026-01-02T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' },
      ['endsAt INVALID'],
    ],
    ['a limit without a code', { usageLimit: 1 }, ['usageLimit INVALID']],
    [
      'a limit of 0',
      { code: 'A', usageLimit: 0, usageLimitPerCustomer: -1 },
      ['usageLimit INVALID', 'usageLimitPerCustomer INVALID'],
    ],
    ['a code with spaces', { code: 'a b' }, ['code INVALID']],
    ['a code of 65 characters', { code: 'a'.repeat(65) }, ['code INVALID']],
    ['an amount per item without items', { ...off('1'), amountPerItem: true }, ['amountPerItem INVALID']],
    ['free shipping of items', { ...FREE, items: {} }, ['items INVALID']],
    ['free shipping beside a percentage', { freeShipping: {} }, ['amount INVALID']],
    [
      'free shipping up to a price in another currency',
      { ...FREE, freeShipping: { maximumPrice: eur('1') }, minimumSubtotal: usd('1') },
      ['freeShipping.maximumPrice INVALID'],
    ],
    [
      'free shipping to no country',
      { ...FREE, freeShipping: { countryCodes: ['XX'] } },
      ['freeShipping.countryCodes.0 INVALID'],
    ],
    [
      'items that are none',
      { items: { productIds: ['pvar_1'], tags: [''] } },
      ['items.productIds.0 INVALID', 'items.tags.0 REQUIRED'],
    ],
    ['a negative quantity', { minimumQuantity: -1 }, ['minimumQuantity INVALID']],
    ['nothing to get for what is bought', { buyXGetY: BUY_TWO }, ['items INVALID']],
    [
      'something to buy, of which none is to be bought',
      { items: {}, buyXGetY: { ...BUY_TWO, buysQuantity: 0 } },
      ['buyXGetY.buysQuantity INVALID'],
    ],
    ['one amount off what is gotten', { ...off('1'), items: {}, buyXGetY: BUY_TWO }, ['amountPerItem INVALID']],
  ])('a discount with %s', async (_case, input, codes) => {
    expect(codesOf(await pricingRulesOf(order, freshTenantId()).discount(input))).toEqual(codes);
  });

  it('a second discount with a code, regardless of case, and a second tax rate for a place', async () => {
    const terms = pricingRulesOf(order, freshTenantId());
    await terms.discount({ code: 'spring' });
    expect(codesOf(await terms.discount({ code: 'Spring' }))).toEqual(['code TAKEN']);
    await terms.taxRate({ province: 'CA' });
    expect(codesOf(await terms.taxRate({ province: 'ca' }))).toEqual(['province TAKEN']);
    await terms.taxRate();
    expect(codesOf(await terms.taxRate())).toEqual(['countryCode TAKEN']);
  });

  it.each<[string, object, string[]]>([
    ['an invalid country', { countryCode: 'usa' }, ['countryCode INVALID']],
    ['more than 100 %', { rate: '100.0001' }, ['rate INVALID']],
    ['five decimals', { rate: '8.87501' }, ['rate INVALID']],
    ['less than nothing', { rate: '-1' }, ['rate INVALID']],
    ['a sixth priority', { priority: 6 }, ['priority INVALID']],
    ['a range of postal codes that ends before it begins', { postalCodes: ['2..1'] }, ['postalCodes.0 INVALID']],
    ['an empty name', { name: '' }, ['name REQUIRED']],
  ])('a tax rate with %s', async (_case, input, codes) => {
    expect(codesOf(await pricingRulesOf(order, freshTenantId()).taxRate(input))).toEqual(codes);
  });

  it('a shipping rate whose freeFrom is in another currency, or with an unknown country', async () => {
    const terms = pricingRulesOf(order, freshTenantId());
    expect(codesOf(await terms.shippingRate({ freeFrom: eur('1') }))).toEqual(['freeFrom.currencyCode INVALID']);
    expect(codesOf(await terms.shippingRate({ countryCodes: ['ZZ'] }))).toEqual(['countryCodes.0 INVALID']);
  });

  it('a 26th automatic discount, also of thirty concurrent ones', async () => {
    const terms = pricingRulesOf(order, freshTenantId());
    const made = await Promise.all(Array.from({ length: 30 }, () => terms.discount()));
    expect(made.flatMap(codesOf)).toEqual(Array.from({ length: 5 }, () => 'code LIMIT_REACHED'));
    expect(codesOf(await terms.discount({ code: 'A' }))).toEqual([]);
  });

  it.each(['-1', '0.001', '1e3', 'NaN', '99999999999999999'])(
    'money of %s, as a request that can’t be read',
    async (amount) => {
      const query = 'mutation ($input: DiscountCreateInput!) { discountCreate(input: $input) { discount { id } } }';
      const input = { title: 'x', amount: { amount, currencyCode: 'USD' } };
      const { errors } = await order.ask(admin(attacker), query, { input });
      expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    },
  );
});

describe('a change', () => {
  const UPDATE = `mutation ($id: ID!, $input: DiscountUpdateInput!) { discountUpdate(id: $id, input: $input) {
    discount { version basisPoints amount { amount } minimumSubtotal { amount } endsAt usageLimit code } userErrors { field code } } }`;
  const update = async (tenantId: string, id: string, input: object) =>
    (await order.ask(admin(tenantId), UPDATE, { id, input })).data.discountUpdate;

  it('of a discount that has changed meanwhile answers STALE_VERSION with the current discount', async () => {
    const tenantId = freshTenantId();
    const { discount } = await pricingRulesOf(order, tenantId).discount();
    await update(tenantId, discount.id, { title: 'new', expectedVersion: 1 });
    expect(await update(tenantId, discount.id, { title: 'old', expectedVersion: 1 })).toMatchObject({
      discount: { version: 2 },
      userErrors: [{ field: ['input', 'expectedVersion'], code: 'STALE_VERSION' }],
    });
  });

  it('keeps omitted fields, removes null ones, and replaces a percentage by an amount', async () => {
    const tenantId = freshTenantId();
    const { discount } = await pricingRulesOf(order, tenantId).discount({
      code: 'C',
      usageLimit: 5,
      minimumSubtotal: usd('10'),
      endsAt: '2100-01-01T00:00:00Z',
    });
    expect(await update(tenantId, discount.id, { amount: usd('2.50'), usageLimit: null })).toEqual({
      discount: {
        version: 2,
        basisPoints: null,
        amount: { amount: '2.50' },
        minimumSubtotal: { amount: '10.00' },
        endsAt: '2100-01-01T00:00:00.000Z',
        usageLimit: null,
        code: 'C',
      },
      userErrors: [],
    });
    expect((await update(tenantId, discount.id, { amount: eur('1') })).userErrors).toEqual([
      { field: ['input', 'minimumSubtotal'], code: 'INVALID' },
    ]);
  });

  it('keeps what it is for, until that is removed or free shipping takes its place', async () => {
    const tenantId = freshTenantId();
    const lists = { productIds: [], variantIds: [], categoryIds: [] };
    const buyXGetY = { buys: { tags: ['a'] }, buysQuantity: 2, getsQuantity: 1 };
    const items = { tags: ['b', 'b'] };
    const all = { items, buyXGetY, combinesWithClasses: ['SHIPPING', 'ORDER', 'ORDER'], code: 'X' };
    const { discount } = await pricingRulesOf(order, tenantId).discount(all);
    const query = `mutation ($id: ID!, $input: DiscountUpdateInput!) { discountUpdate(id: $id, input: $input) { discount {
      discountClass combinesWithClasses items { productIds variantIds categoryIds tags } freeShipping { countryCodes maximumPrice { amount } }
      buyXGetY { buys { tags } buysQuantity getsQuantity usesPerOrder } basisPoints } userErrors { field code } } }`;
    const change = async (input: object) =>
      (await order.ask(admin(tenantId), query, { id: discount.id, input })).data.discountUpdate;
    const kept = {
      discountClass: 'PRODUCT',
      combinesWithClasses: ['ORDER', 'SHIPPING'],
      items: { ...lists, tags: ['b'] },
      buyXGetY: { ...buyXGetY, usesPerOrder: null },
      freeShipping: null,
      basisPoints: 1_000,
    };
    expect(await change({ title: 'Other' })).toEqual({ discount: kept, userErrors: [] });
    const freeShipping = { countryCodes: ['US'], maximumPrice: usd('5') };
    expect(codesOf(await change({ freeShipping }))).toEqual(['items INVALID', 'buyXGetY INVALID']);
    expect((await change({ freeShipping, items: null, buyXGetY: null })).discount).toMatchObject({
      discountClass: 'SHIPPING',
      basisPoints: null,
      freeShipping: { countryCodes: ['US'], maximumPrice: { amount: '5.00' } },
    });
  });

  it('of a shipping rate keeps omitted fields; another currency needs both amounts, and null takes freeFrom away', async () => {
    const tenantId = freshTenantId();
    const rates = pricingRulesOf(order, tenantId);
    const { shippingRate } = await rates.shippingRate({ countryCodes: ['US'], freeFrom: usd('100') });
    const query = `mutation ($id: ID!, $input: ShippingRateUpdateInput!) { shippingRateUpdate(id: $id, input: $input) {
      shippingRate { version name zone { locations { countryCode } } price { amount currencyCode } freeFrom { amount } } userErrors { field code } } }`;
    const change = async (input: object) =>
      (await order.ask(admin(tenantId), query, { id: shippingRate.id, input })).data.shippingRateUpdate;
    expect(codesOf(await change({ name: null }))).toEqual(['name REQUIRED']);
    expect(codesOf(await change({ price: null }))).toEqual(['price REQUIRED']);
    expect(codesOf(await change({ price: eur('4') }))).toEqual(['freeFrom.currencyCode INVALID']);
    expect(codesOf(await change({ name: 'x', expectedVersion: 7 }))).toEqual(['expectedVersion STALE_VERSION']);
    const renamed = {
      version: 2,
      name: 'Parcel',
      zone: { locations: [{ countryCode: 'US' }] },
      price: usd('5.00'),
      freeFrom: { amount: '100.00' },
    };
    expect((await change({ name: 'Parcel' })).shippingRate).toEqual(renamed);
    const inEuro = { price: eur('4.00'), freeFrom: { amount: '50.00' } };
    expect((await change({ price: eur('4'), freeFrom: eur('50') })).shippingRate).toMatchObject(inEuro);
    expect((await change({ freeFrom: null })).shippingRate).toMatchObject({ price: eur('4.00'), freeFrom: null });
  });
});
