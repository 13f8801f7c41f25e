import { admin, customer, member, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { deliver, deliveryOf, organizationCreated } from '../test/delivery';
import { type DnsServer, startDnsServer } from '../test/dnsServer';
import { BASE_DOMAIN, startOwnSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';

const DOMAIN =
  'tenantDomain { host verifiedAt isPrimary verificationRecord { name value } } userErrors { field code message }';
const ADD = `mutation ($host: String!) { it: tenantDomainAdd(input: { host: $host }) { ${DOMAIN} } }`;
const VERIFY = `mutation ($host: String!) { it: tenantDomainVerify(host: $host) { ${DOMAIN} } }`;
const SET_PRIMARY = `mutation ($host: String!) { it: tenantDomainSetPrimary(host: $host) { ${DOMAIN} } }`;
const REMOVE = `mutation ($host: String!) { it: tenantDomainRemove(host: $host) { deletedTenantDomainId userErrors { field code message } } }`;

let dns: DnsServer;
let tenant: TenantSubgraphUnderTest;

beforeAll(async () => {
  dns = await startDnsServer();
  tenant = await startOwnSubgraph({ DNS_SERVERS: dns.address });
});
afterAll(async () => {
  await tenant?.close();
  await dns?.close();
});
afterEach(() => {
  dns.fault = null;
});

async function makeStore(): Promise<string> {
  const event = organizationCreated();
  const { status } = await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
  if (status !== 200) throw new Error(`No store: ${status}`);
  await choosePlan(event.data.id, 'PRO');
  return event.data.id;
}

async function choosePlan(id: string, plan: string): Promise<void> {
  const { data } = await tenant.ask(
    admin(id),
    'mutation ($plan: PlanName!) { tenantPlanChange(input: { plan: $plan }) { userErrors { code } } }',
    { plan },
  );
  expect(data.tenantPlanChange.userErrors).toEqual([]);
}

let hosts = 0;
const newHost = () => `shop${++hosts}.example.com`;
const run = async (id: string, mutation: string, host: string) =>
  (await tenant.ask(admin(id), mutation, { host })).data.it;
const codesOf = ({ userErrors }: { userErrors: { code: string }[] }) => userErrors.map(({ code }) => code);

/** Adds the verification record, as the store's owner does at their DNS provider. */
async function proveOwnership(id: string, host: string): Promise<void> {
  const { data } = await tenant.ask(
    admin(id),
    '{ currentTenant { domains { host verificationRecord { name value } } } }',
  );
  const { name, value } = data.currentTenant.domains.find(
    (domain: { host: string }) => domain.host === host,
  ).verificationRecord;
  dns.records.set(name, [['v=spf1 -all'], [value.slice(0, 10), value.slice(10)]]);
}

async function ownerOf(domain: string): Promise<string | null> {
  const { data } = await tenant.ask(
    service(null),
    'query ($domain: String!) { tenantByDomain(domain: $domain) { id } }',
    {
      domain,
    },
  );
  return data.tenantByDomain?.id ?? null;
}

describe.each([
  ['tenantDomainAdd', ADD],
  ['tenantDomainVerify', VERIFY],
  ['tenantDomainSetPrimary', SET_PRIMARY],
  ['tenantDomainRemove', REMOVE],
])('%s', (_name, mutation) => {
  it.each([visitor, customer, member])('is refused to callers who do not manage the store', async (caller) => {
    const { errors } = await tenant.ask(caller(await makeStore()), mutation, { host: newHost() });
    expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
  });

  if (mutation !== ADD) {
    it("answers for another store's domain as for one that does not exist, and changes nothing", async () => {
      const [own, other, host] = [await makeStore(), await makeStore(), newHost()];
      await run(other, ADD, host);
      const before = await checksumOfTenant(tenant.ownerUrl, other);
      const answer = await run(own, mutation, host);
      expect(answer).toEqual(await run(own, mutation, newHost()));
      expect(codesOf(answer)).toEqual(['NOT_FOUND']);
      expect(await checksumOfTenant(tenant.ownerUrl, other)).toEqual(before);
    });
  }
});

it.each([
  '',
  'shop',
  'localhost',
  'a.localhost',
  BASE_DOMAIN,
  `own.${BASE_DOMAIN}`,
  '10.0.0.1',
  'https://x.example',
  '*.x.example',
])('%p is no domain that a store can add', async (host) => {
  const id = await makeStore();
  expect(codesOf(await run(id, ADD, host))).toEqual(['INVALID']);
});

it('adding a domain that another store has does not reveal that', async () => {
  const [own, other, taken] = [await makeStore(), await makeStore(), newHost()];
  await run(other, ADD, taken);
  await proveOwnership(other, taken);
  await run(other, VERIFY, taken);
  const shape = ({ tenantDomain: domain, userErrors }: { tenantDomain: object; userErrors: object[] }) => [
    Object.keys(domain),
    userErrors,
  ];
  expect(shape(await run(own, ADD, taken))).toEqual(shape(await run(own, ADD, newHost())));
});

describe('a domain that is not verified', () => {
  it.each([
    ['the record is not there', null, 'NOT_VERIFIED'],
    ['the DNS fails', 'SERVFAIL', 'DNS_UNAVAILABLE'],
  ] as const)('stays so while %s', async (_what, fault, code) => {
    const [id, host] = [await makeStore(), newHost()];
    await run(id, ADD, host);
    dns.fault = fault;
    expect(codesOf(await run(id, VERIFY, host))).toEqual([code]);
    expect(await ownerOf(host)).toBeNull();
  });

  it("stays so when the record is another store's", async () => {
    const [own, other, host] = [await makeStore(), await makeStore(), newHost()];
    await run(own, ADD, host);
    await run(other, ADD, host);
    await proveOwnership(other, host);
    expect(codesOf(await run(own, VERIFY, host))).toEqual(['NOT_VERIFIED']);
    expect(codesOf(await run(other, VERIFY, host))).toEqual([]);
    expect(await ownerOf(host)).toBe(other);
  });

  it('is not looked for in the DNS after 60 tries without its record within ten minutes', async () => {
    const [id, host] = [await makeStore(), newHost()];
    await run(id, ADD, host);
    const verify = () => tenant.ask({ ...admin(id), clientAddress: '203.0.113.7' }, VERIFY, { host });
    for (let n = 0; n < 60; n += 1) expect(codesOf((await verify()).data.it)).toEqual(['NOT_VERIFIED']);
    await proveOwnership(id, host);
    expect((await verify()).errors?.[0]?.extensions).toEqual({ code: 'THROTTLED', retryAfter: expect.any(Number) });
  });

  it('can’t be primary', async () => {
    const [id, host] = [await makeStore(), newHost()];
    await run(id, ADD, host);
    expect(codesOf(await run(id, SET_PRIMARY, host))).toEqual(['NOT_VERIFIED']);
  });

  it('stays so, with an answer after 10 seconds at most, when the DNS does not respond', async () => {
    const [id, host] = [await makeStore(), newHost()];
    await run(id, ADD, host);
    dns.fault = 'SILENT';
    expect(codesOf(await run(id, VERIFY, host))).toEqual(['DNS_UNAVAILABLE']);
  }, 30_000);
});

describe('a domain that is verified', () => {
  async function makeVerified(): Promise<[string, string]> {
    const [id, host] = [await makeStore(), newHost()];
    await run(id, ADD, host);
    await proveOwnership(id, host);
    expect((await run(id, VERIFY, host)).tenantDomain.verifiedAt).not.toBeNull();
    return [id, host];
  }

  it('finds its store and no other, however it is written', async () => {
    const [id, host] = await makeVerified();
    expect(await ownerOf(`${host.toUpperCase()}.:443`)).toBe(id);
    expect(await ownerOf(`www.${host}`)).toBeNull();
    const foreign = await tenant.ask(admin(await makeStore()), `{ tenantByDomain(domain: "${host}") { id } }`);
    expect(foreign.data).toEqual({ tenantByDomain: null });
  });

  it('belongs to one store: another with a record of its own is refused until it is removed there', async () => {
    const [id, host] = await makeVerified();
    const other = await makeStore();
    await run(other, ADD, host);
    await proveOwnership(other, host);
    expect(codesOf(await run(other, VERIFY, host))).toEqual(['TAKEN']);
    expect(await ownerOf(host)).toBe(id);
    await run(id, REMOVE, host);
    expect(await ownerOf(host)).toBeNull();
    expect(codesOf(await run(other, VERIFY, host))).toEqual([]);
    expect(await ownerOf(host)).toBe(other);
  });

  it('can be the store’s one primary domain; when it is removed the subdomain is primary', async () => {
    const [id, first] = await makeVerified();
    const second = newHost();
    await run(id, ADD, second);
    await proveOwnership(id, second);
    await run(id, VERIFY, second);
    const primaryHost = async () =>
      (await tenant.ask(visitor(id), '{ currentTenant { primaryHost } }')).data.currentTenant.primaryHost;
    expect(await primaryHost()).toMatch(new RegExp(`\\.${BASE_DOMAIN}$`));
    await Promise.all([first, second, first, second].map((host) => run(id, SET_PRIMARY, host)));
    await run(id, SET_PRIMARY, second);
    expect(await primaryHost()).toBe(second);
    const { data } = await tenant.ask(admin(id), '{ currentTenant { domains { host isPrimary } } }');
    expect(data.currentTenant.domains).toEqual([
      { host: first, isPrimary: false },
      { host: second, isPrimary: true },
    ]);
    await run(id, REMOVE, second);
    expect(await primaryHost()).toMatch(new RegExp(`\\.${BASE_DOMAIN}$`));
  });
});

it('a store has each domain once, and 20 at most', async () => {
  const [id, host] = [await makeStore(), newHost()];
  await run(id, ADD, host);
  expect(codesOf(await run(id, ADD, host.toUpperCase()))).toEqual(['TAKEN']);
  for (let n = 1; n < 20; n += 1) await run(id, ADD, newHost());
  expect(codesOf(await run(id, ADD, newHost()))).toEqual(['LIMIT_REACHED']);
});
