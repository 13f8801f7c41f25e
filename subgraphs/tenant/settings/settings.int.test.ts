import { admin, customer, member, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { deliver, deliveryOf, organizationCreated } from '../test/delivery';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';

const UPDATE = `mutation ($input: TenantSettingsUpdateInput!) { tenantSettingsUpdate(input: $input) {
  tenantSettings { defaultCurrency supportedCurrencies locale timeZone supportEmail orderPrefix showExactStock version
    theme { primaryColor accentColor backgroundColor logoUrl faviconUrl font } }
  userErrors { field code message } } }`;

let tenant: TenantSubgraphUnderTest;
beforeAll(async () => {
  tenant = await startTestSubgraph();
});
afterAll(() => tenant?.close());

async function makeStore(): Promise<string> {
  const event = organizationCreated();
  const { status } = await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
  if (status !== 200) throw new Error(`No store: ${status}`);
  return event.data.id;
}

const update = async (id: string, input: object) =>
  (await tenant.ask(admin(id), UPDATE, { input })).data.tenantSettingsUpdate;

it.each([visitor, customer, member])('is refused to callers who do not manage the store', async (caller) => {
  const id = await makeStore();
  const before = await checksumOfTenant(tenant.ownerUrl, id);
  const { errors } = await tenant.ask(caller(id), UPDATE, { input: { locale: 'de-DE' } });
  expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
  expect(await checksumOfTenant(tenant.ownerUrl, id)).toEqual(before);
});

it.each<[string, object, string[], string]>([
  ['an invalid language tag', { locale: 'english please' }, ['input', 'locale'], 'INVALID'],
  ['the name of a language', { locale: 'english' }, ['input', 'locale'], 'INVALID'],
  ['a language not in its usual form', { locale: 'EN-us' }, ['input', 'locale'], 'INVALID'],
  ['an unknown time zone', { timeZone: 'Mars/Olympus' }, ['input', 'timeZone'], 'INVALID'],
  ['an offset', { timeZone: '+01:00' }, ['input', 'timeZone'], 'INVALID'],
  ['an invalid e-mail address', { supportEmail: 'ada at example' }, ['input', 'supportEmail'], 'INVALID'],
  ['no language', { locale: null }, ['input', 'locale'], 'REQUIRED'],
  ['no theme', { theme: null }, ['input', 'theme'], 'REQUIRED'],
  ['no currencies', { supportedCurrencies: [] }, ['input', 'supportedCurrencies'], 'INVALID'],
  ['a currency twice', { supportedCurrencies: ['USD', 'USD'] }, ['input', 'supportedCurrencies'], 'INVALID'],
  ['a default that is not supported', { defaultCurrency: 'EUR' }, ['input', 'defaultCurrency'], 'INVALID'],
  ['currencies without the default', { supportedCurrencies: ['EUR'] }, ['input', 'supportedCurrencies'], 'INVALID'],
  [
    'a default that is not among the given currencies',
    { defaultCurrency: 'JPY', supportedCurrencies: ['EUR'] },
    ['input', 'defaultCurrency'],
    'INVALID',
  ],
  ['a color in words', { theme: { primaryColor: 'red' } }, ['input', 'theme', 'primaryColor'], 'INVALID'],
  ['a logo over http', { theme: { logoUrl: 'http://x.example/a.png' } }, ['input', 'theme', 'logoUrl'], 'INVALID'],
  ['a logo that is a script', { theme: { logoUrl: 'javascript:alert(1)' } }, ['input', 'theme', 'logoUrl'], 'INVALID'],
  ['a font with markup', { theme: { font: '<b>' } }, ['input', 'theme', 'font'], 'INVALID'],
  ['a long order prefix', { orderPrefix: 'ABCDEFGHIJK' }, ['input', 'orderPrefix'], 'INVALID'],
])('%s is refused, naming the field and what was expected, and changes nothing', async (_what, input, field, code) => {
  const id = await makeStore();
  const before = await checksumOfTenant(tenant.ownerUrl, id);
  const { tenantSettings: settings, userErrors } = await update(id, { ...input, showExactStock: false });
  expect(settings).toBeNull();
  expect(userErrors).toEqual([{ field, code, message: expect.stringMatching(/^Expected /) }]);
  expect(await checksumOfTenant(tenant.ownerUrl, id)).toEqual(before);
});

it.each([{ theme: { script: 'x' } }, { tenantId: 'org_other' }, { supportedCurrencies: ['BUCK'] }])(
  'an input that is not in the schema is BAD_USER_INPUT: %j',
  async (input) => {
    const { data, errors } = await tenant.ask(admin(await makeStore()), UPDATE, { input });
    expect([data ?? null, errors?.length]).toEqual([null, 1]);
  },
);

it('takes an order prefix away, whether it is empty or null, and keeps it when it is left out', async () => {
  const id = await makeStore();
  for (const nothing of ['', null]) {
    await update(id, { orderPrefix: 'DE-' });
    expect((await update(id, { locale: 'de-DE' })).tenantSettings.orderPrefix).toBe('DE-');
    expect((await update(id, { orderPrefix: nothing })).tenantSettings.orderPrefix).toBe('');
  }
});

it('changes the given fields and no others, and nothing of another store', async () => {
  const [id, other] = [await makeStore(), await makeStore()];
  const before = await checksumOfTenant(tenant.ownerUrl, other);
  const first = await update(id, {
    supportedCurrencies: ['USD', 'EUR', 'JPY'],
    theme: { primaryColor: '#1A2b3c', font: 'Open Sans', logoUrl: null },
    supportEmail: 'help@example.com',
  });
  expect(first.userErrors).toEqual([]);
  const second = await update(id, {
    defaultCurrency: 'EUR',
    locale: 'de-DE',
    timeZone: 'Europe/Berlin',
    orderPrefix: 'DE-',
    showExactStock: false,
    supportEmail: null,
  });
  expect(second.tenantSettings).toEqual({
    defaultCurrency: 'EUR',
    supportedCurrencies: ['USD', 'EUR', 'JPY'],
    locale: 'de-DE',
    timeZone: 'Europe/Berlin',
    supportEmail: null,
    orderPrefix: 'DE-',
    showExactStock: false,
    version: 3,
    theme: {
      primaryColor: '#1A2b3c',
      accentColor: null,
      backgroundColor: null,
      logoUrl: null,
      faviconUrl: null,
      font: 'Open Sans',
    },
  });
  expect(await checksumOfTenant(tenant.ownerUrl, other)).toEqual(before);
});

it('an update of the theme keeps what it leaves out, and null takes away; of two at once neither is lost', async () => {
  const id = await makeStore();
  const themed = async (theme: object) => (await update(id, { theme })).tenantSettings.theme;
  await Promise.all([themed({ primaryColor: '#111111' }), themed({ font: 'Open Sans' })]);
  expect(await themed({ accentColor: '#222222' })).toMatchObject({
    primaryColor: '#111111',
    accentColor: '#222222',
    font: 'Open Sans',
  });
  expect(await themed({ font: null })).toMatchObject({ primaryColor: '#111111', font: null });
});

it('an update that changes nothing publishes no event and keeps the version', async () => {
  const id = await makeStore();
  const given = {
    supportedCurrencies: ['USD', 'EUR'],
    theme: { font: 'Open Sans', logoUrl: null },
    supportEmail: null,
  };
  await update(id, given);
  const before = await checksumOfTenant(tenant.ownerUrl, id);
  for (const input of [{}, given, { ...given, locale: 'en-US', showExactStock: true, expectedVersion: 2 }]) {
    expect(await update(id, input)).toMatchObject({ tenantSettings: { version: 2 }, userErrors: [] });
  }
  expect(await checksumOfTenant(tenant.ownerUrl, id)).toEqual(before);
  expect((await update(id, { expectedVersion: 1 })).userErrors).toMatchObject([{ code: 'STALE_VERSION' }]);
  expect((await update(id, { supportedCurrencies: ['EUR', 'USD'] })).tenantSettings.version).toBe(3);
});

it('of ten concurrent changes of one version one succeeds; the others get STALE_VERSION with the current settings', async () => {
  const id = await makeStore();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => update(id, { orderPrefix: `P${n}-`, expectedVersion: 1 })),
  );
  const done = answers.filter(({ userErrors }) => userErrors.length === 0);
  expect(done).toHaveLength(1);
  for (const { tenantSettings: settings, userErrors } of answers.filter((answer) => answer !== done[0])) {
    expect(userErrors).toMatchObject([{ field: ['input', 'expectedVersion'], code: 'STALE_VERSION' }]);
    expect(settings).toEqual(done[0]?.tenantSettings);
  }
});
