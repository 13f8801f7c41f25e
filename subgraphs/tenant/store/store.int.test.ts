import { CALLER_HEADERS, type Caller, signCaller } from '../../shared/caller';
import { admin, customer, freshTenantId, member, SIGNING_KEY, service, visitor } from '../../shared/test/askSubgraph';
import { deliver, deliveryOf, organizationCreated } from '../test/delivery';
import { BASE_DOMAIN, startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';

let tenant: TenantSubgraphUnderTest;
let own: string;
let victim: string;

async function makeStore(slug: string): Promise<string> {
  const event = organizationCreated({ name: `Store ${slug}`, slug });
  const { status } = await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
  if (status !== 200) throw new Error(`No store: ${status}`);
  return event.data.id;
}

beforeAll(async () => {
  tenant = await startTestSubgraph();
  own = await makeStore('own');
  victim = await makeStore('victim');
});
afterAll(() => tenant?.close());

const CALLERS: [string, (tenantId: string) => Caller][] = [
  ['admin', admin],
  ['member', member],
  ['customer', customer],
  ['visitor', visitor],
  ['service', service],
];
const noStore: Caller = { ...visitor(''), tenantId: null };

/** The raw response, byte for byte. */
async function post(headers: Record<string, string>, body: string) {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
  const response = await fetch(`${tenant.url}/graphql`, init);
  return { status: response.status, text: await response.text() };
}

async function textOf(caller: Caller, query: string, variables: Record<string, unknown>): Promise<string> {
  const body = JSON.stringify({ query, variables });
  return (await post(signCaller(caller, 'tenant', body, SIGNING_KEY), body)).text;
}

const BY_DOMAIN = 'query ($domain: String!) { tenantByDomain(domain: $domain) { id name slug status } }';
const BY_REFERENCE =
  'query ($refs: [_Any!]!) { _entities(representations: $refs) { ... on Tenant { id name settings { locale } } } }';

describe('a request directly to the port', () => {
  const body = JSON.stringify({ query: '{ currentTenant { id name } }' });
  const signed = (caller: Caller = admin(own), audience: 'tenant' | 'order' = 'tenant') =>
    signCaller(caller, audience, body, SIGNING_KEY);

  it.each<[string, () => Record<string, string>]>([
    ['no header', () => ({})],
    [
      'unsigned headers',
      () => ({ 'x-tenant-id': victim, 'x-user-id': 'user_1', 'x-user-role': 'ADMIN', 'x-request-id': 'r' }),
    ],
    ['another tenant in a signed envelope', () => ({ ...signed(), [CALLER_HEADERS.tenantId]: victim })],
    ['another role in a signed envelope', () => ({ ...signed(visitor(own)), [CALLER_HEADERS.role]: 'SERVICE' })],
    ['another user in a signed envelope', () => ({ ...signed(), [CALLER_HEADERS.userId]: 'user_2' })],
    ['an envelope for another subgraph', () => signed(admin(own), 'order')],
    ['an envelope of another key', () => signCaller(admin(victim), 'tenant', body, `${SIGNING_KEY}-not`)],
    ['an envelope for another body', () => signCaller(admin(own), 'tenant', `${body} `, SIGNING_KEY)],
  ])('is refused, 401, with %s', async (_name, headers) => {
    const { status, text } = await post(headers(), body);
    expect(status).toBe(401);
    expect(JSON.parse(text).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(text).not.toContain('org_');
  });

  it.each([
    '{ _service { sdl } }',
    '{ _entities(representations: []) { __typename } }',
    '{ __schema { types { name } } }',
  ])('is refused, 401, %s without an envelope', async (query) => {
    expect((await post({}, JSON.stringify({ query }))).status).toBe(401);
  });
});

describe('currentTenant', () => {
  it('is TENANT_REQUIRED for a caller without a store', async () => {
    const { data, errors } = await tenant.ask(noStore, '{ currentTenant { id } }');
    expect(errors?.[0]?.extensions?.code).toBe('TENANT_REQUIRED');
    expect(data?.currentTenant ?? null).toBeNull();
  });

  it('is STORE_NOT_FOUND for an organization that has no store yet', async () => {
    const { errors } = await tenant.ask(admin(freshTenantId()), '{ currentTenant { id } }');
    expect(errors?.[0]?.extensions?.code).toBe('STORE_NOT_FOUND');
  });

  it.each(CALLERS)('is the %s’s own store', async (_role, caller) => {
    const query =
      '{ currentTenant { id name slug status settings { defaultCurrency locale timeZone supportEmail } createdAt updatedAt } }';
    const { data, errors } = await tenant.ask(caller(own), query);
    expect(errors).toBeUndefined();
    expect(data.currentTenant).toEqual({
      id: own,
      name: 'Store own',
      slug: 'own',
      status: 'ACTIVE',
      settings: { defaultCurrency: 'USD', locale: 'en-US', timeZone: 'UTC', supportEmail: null },
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  it('is each caller’s own store for 200 concurrent callers of two stores', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const id = n % 2 ? own : victim;
        const { data } = await tenant.ask(visitor(id), '{ currentTenant { id settings { locale } } }');
        return data.currentTenant.id === id;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, () => true));
  });
});

describe('tenantByDomain', () => {
  it('is TENANT_REQUIRED for a caller without a store that is no service', async () => {
    for (const role of ['VISITOR', 'CUSTOMER', 'MEMBER', 'ADMIN'] as const) {
      const { errors } = await tenant.ask({ ...noStore, role }, BY_DOMAIN, { domain: `own.${BASE_DOMAIN}` });
      expect(errors?.[0]?.extensions?.code).toBe('TENANT_REQUIRED');
    }
  });

  it.each(CALLERS.filter(([role]) => role !== 'service'))(
    'answers the %s of one store byte for byte the same for a foreign address as for a random one',
    async (_role, caller) => {
      const foreign = await textOf(caller(own), BY_DOMAIN, { domain: `victim.${BASE_DOMAIN}` });
      expect(foreign).toBe(await textOf(caller(own), BY_DOMAIN, { domain: `random.${BASE_DOMAIN}` }));
      expect(foreign).toBe('{"data":{"tenantByDomain":null}}\n');
    },
  );

  it.each([
    'victim',
    'localhost',
    BASE_DOMAIN,
    `x.victim.${BASE_DOMAIN}`,
    `victim.${BASE_DOMAIN}.evil.example`,
    '',
    ' ',
    '%',
  ])('is null for %p, which is no store’s host', async (domain) => {
    const { data, errors } = await tenant.ask(service(null), BY_DOMAIN, { domain });
    expect([data, errors]).toEqual([{ tenantByDomain: null }, undefined]);
  });

  it.each(CALLERS)('is the %s’s own store at its own host, however that is written', async (_role, caller) => {
    for (const domain of [`own.${BASE_DOMAIN}`, `OWN.${BASE_DOMAIN}.`, ` own.${BASE_DOMAIN}:3000 `]) {
      const { data } = await tenant.ask(caller(own), BY_DOMAIN, { domain });
      expect(data.tenantByDomain).toEqual({ id: own, name: 'Store own', slug: 'own', status: 'ACTIVE' });
    }
  });

  it('is any store for a service without a store: the gateway looks up the store of a host', async () => {
    for (const [slug, id] of [
      ['own', own],
      ['victim', victim],
    ]) {
      const { data } = await tenant.ask(service(null), BY_DOMAIN, { domain: `${slug}.${BASE_DOMAIN}` });
      expect(data.tenantByDomain.id).toBe(id);
    }
    const { data } = await tenant.ask(service(null), BY_DOMAIN, { domain: `random.${BASE_DOMAIN}` });
    expect(data.tenantByDomain).toBeNull();
  });
});

describe('Tenant by _entities', () => {
  it('is TENANT_REQUIRED for a caller without a store, also for a service', async () => {
    for (const caller of [noStore, service(null)]) {
      const { data, errors } = await tenant.ask(caller, BY_REFERENCE, { refs: [{ __typename: 'Tenant', id: victim }] });
      expect(errors?.[0]?.extensions?.code).toBe('TENANT_REQUIRED');
      expect(JSON.stringify(data ?? null)).not.toContain('org_');
    }
  });

  it.each(['Nothing', 'TenantSettings', 'constructor', 'toString', '__proto__', ''])(
    'is FORBIDDEN for the type %p',
    async (typeName) => {
      const refs = `[{ __typename: ${JSON.stringify(typeName)}, id: "${own}" }]`;
      const { data, errors } = await tenant.ask(admin(own), `{ _entities(representations: ${refs}) { __typename } }`);
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
      expect(data ?? null).toBeNull();
    },
  );

  it.each(CALLERS)('gives the %s null for another store, as for an unknown one', async (_role, caller) => {
    const refs = (id: string) => [
      { __typename: 'Tenant', id },
      { __typename: 'Tenant', id, tenantId: id },
      { __typename: 'Tenant', id: `${id} ` },
    ];
    const foreign = await textOf(caller(own), BY_REFERENCE, { refs: refs(victim) });
    expect(foreign).toBe(await textOf(caller(own), BY_REFERENCE, { refs: refs('org_random') }));
    expect(foreign).toBe('{"data":{"_entities":[null,null,null]}}\n');
  });

  it('resolves the caller’s own store among foreign ones, in the order of the representations', async () => {
    const refs = [victim, own, 'org_random', own].map((id) => ({ __typename: 'Tenant', id }));
    const { data, errors } = await tenant.ask(visitor(own), BY_REFERENCE, { refs });
    const mine = { id: own, name: 'Store own', settings: { locale: 'en-US' } };
    expect([data, errors]).toEqual([{ _entities: [null, mine, null, mine] }, undefined]);
  });
});
