import type { Identity } from '../identity/auth';
import { resolveCaller, storeDomainOf, storeReferenceOf } from './store';

const NIKE = {
  id: 'org_nike',
  slug: 'nike',
  status: 'ACTIVE',
  limits: { requestCostPerMinute: 600_000 },
};
const SUSPENDED = { ...NIKE, status: 'SUSPENDED' };
const byDomain = { domain: 'nike.localhost' };
const byOrganization = { organizationId: 'org_nike' };
const refusedWith = (code: string) => expect.objectContaining({ extensions: expect.objectContaining({ code }) });

function identity(organization: Identity['organization'] = null): Identity {
  return {
    userId: 'user_ann',
    impersonatorId: null,
    sessionId: 'sess_1',
    organization,
    issuedAt: 0,
    expiresAt: 0,
    onlyForStoreAt: null,
  };
}
const adminOf = (id: string) =>
  identity({ id, slug: null, role: 'ADMIN', permissions: ['orders:read', 'store:manage'] });
const memberOf = (id: string) => identity({ id, slug: null, role: 'MEMBER', permissions: ['orders:read'] });

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('the store that a request names', () => {
  const named = (host: string, baseDomain = 'localhost') => storeDomainOf({ host: [host] }, baseDomain);

  test.each([
    ['localhost'],
    ['localhost:3000'],
    ['LOCALHOST.'],
    ['127.0.0.1:3000'],
    ['0x7f.1:3000'],
    ['[::1]:3000'],
    ['gateway:3000'],
    [''],
  ])('is none for the host %j', (host) => expect(named(host)).toBeNull());

  test('is none without a Host header, as HTTP/1.0 has it', () => expect(storeDomainOf({}, 'localhost')).toBeNull());

  test.each([
    ['nike.localhost:3000', 'nike.localhost'],
    ['NIKE.Localhost:3000', 'nike.localhost'],
    ['nike.localhost.', 'nike.localhost'],
    ['nike.localhost.:3000', 'nike.localhost'],
    ['a.b.localhost', 'a.b.localhost'],
    ['shop.nike.com', 'shop.nike.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['evil-localhost.example', 'evil-localhost.example'],
  ])('is by the host %j %j', (host, domain) => expect(named(host)).toBe(domain));

  test('may be named by X-Store-Domain with the first part of its address alone', () => {
    const by = (name: string) => storeDomainOf({ 'x-store-domain': [name], host: ['localhost'] }, 'shops.example.com');
    expect(['nike', 'NIKE.', 'shop.nike.com', 'shops.example.com'].map(by)).toEqual([
      'nike.shops.example.com',
      'nike.shops.example.com',
      'shop.nike.com',
      'shops.example.com',
    ]);
  });

  test('is none for the base domain itself, whatever it is', () => {
    expect(named('shops.example.com', 'shops.example.com')).toBeNull();
    expect(named('nike.shops.example.com', 'shops.example.com')).toBe('nike.shops.example.com');
    expect(named('example.com', 'shops.example.com')).toBe('example.com');
  });

  test('X-Store-Domain takes precedence over the host', () => {
    const headers = { host: ['puma.localhost'], 'x-store-domain': ['Nike.localhost:3000'] };
    expect(storeDomainOf(headers, 'localhost')).toBe('nike.localhost');
  });

  test('a domain has at most 253 characters', () => {
    const longest = `${'a'.repeat(249)}.com`;
    expect(named(longest)).toBe(longest);
  });

  test('an empty X-Store-Domain names nothing', () => {
    expect(storeDomainOf({ host: ['localhost'], 'x-store-domain': [''] }, 'localhost')).toBeNull();
  });

  test.each([
    ['two of them', ['nike.localhost', 'puma.localhost']],
    ['two in one', ['nike.localhost, puma.localhost']],
    ['a URL', ['https://nike.localhost/']],
    ['a line break', ['nike.localhost\nx: y']],
    ['a lone dot', ['.']],
    ['one that is too long by a character', [`${'a'.repeat(250)}.com`]],
    ['a wildcard', ['*.localhost']],
    ['a wildcard at the end', ['nike.*']],
    ['a port that is no number', ['nike.localhost:3000x']],
  ])('X-Store-Domain of %s is STORE_NOT_FOUND', (_title, values) => {
    expect(thrownBy(() => storeDomainOf({ 'x-store-domain': values }, 'localhost'))).toEqual(
      refusedWith('STORE_NOT_FOUND'),
    );
  });
});

describe('which store to look up', () => {
  test('nobody and no store: UNAUTHENTICATED', () => {
    expect(thrownBy(() => storeReferenceOf(null, null))).toEqual(refusedWith('UNAUTHENTICATED'));
  });

  test('J13 someone without an organization and no store: TENANT_REQUIRED', () => {
    expect(thrownBy(() => storeReferenceOf(null, identity()))).toEqual(refusedWith('TENANT_REQUIRED'));
  });

  test('the active organization, where no store is named', () => {
    expect(storeReferenceOf(null, memberOf('org_nike'))).toEqual(byOrganization);
  });

  test('the named store takes precedence over the active organization', () => {
    expect(storeReferenceOf('nike.localhost', adminOf('org_puma'))).toEqual(byDomain);
  });
});

describe('resolveCaller', () => {
  const resolve = (
    ...[who, reference, store]: Parameters<typeof resolveCaller> extends [...infer Rest, object] ? Rest : never
  ) => resolveCaller(who, reference, store, { requestId: 'request-1', clientAddress: '203.0.113.7' });

  test.each([
    ['an address of no store is STORE_NOT_FOUND', null, byDomain, null, 'STORE_NOT_FOUND'],
    [
      'an organization without a store is TENANT_REQUIRED',
      adminOf('org_nike'),
      byOrganization,
      null,
      'TENANT_REQUIRED',
    ],
    ['J20 a suspended store is STORE_UNAVAILABLE for a visitor', null, byDomain, SUSPENDED, 'STORE_UNAVAILABLE'],
    ['J20 a suspended store is STORE_UNAVAILABLE for a customer', identity(), byDomain, SUSPENDED, 'STORE_UNAVAILABLE'],
    [
      "J20 a suspended store is STORE_UNAVAILABLE for another store's admin",
      adminOf('org_puma'),
      byDomain,
      SUSPENDED,
      'STORE_UNAVAILABLE',
    ],
    ['J20 a deleted store is STORE_UNAVAILABLE', null, byDomain, { ...NIKE, status: 'DELETED' }, 'STORE_UNAVAILABLE'],
    ['an unknown status is STORE_UNAVAILABLE', null, byDomain, { ...NIKE, status: 'PAUSED' }, 'STORE_UNAVAILABLE'],
    [
      "another organization's store, answered by mistake, is TENANT_REQUIRED",
      adminOf('org_nike'),
      byOrganization,
      { ...NIKE, id: 'org_puma' },
      'TENANT_REQUIRED',
    ],
  ])('%s', (_title, who, reference, store, code) => {
    expect(thrownBy(() => resolve(who, reference, store))).toEqual(refusedWith(code));
  });

  test.each([
    ['nobody is a VISITOR', null, byDomain, 'VISITOR', []],
    ['someone without an organization is a CUSTOMER', identity(), byDomain, 'CUSTOMER', []],
    ["another store's admin is a CUSTOMER", adminOf('org_puma'), byDomain, 'CUSTOMER', []],
    ["the store's member is a MEMBER", memberOf('org_nike'), byDomain, 'MEMBER', ['orders:read']],
    ["the store's admin is an ADMIN", adminOf('org_nike'), byDomain, 'ADMIN', ['orders:read', 'store:manage']],
    ['a member by the organization alone', memberOf('org_nike'), byOrganization, 'MEMBER', ['orders:read']],
    [
      'an admin by the organization alone',
      adminOf('org_nike'),
      byOrganization,
      'ADMIN',
      ['orders:read', 'store:manage'],
    ],
  ] as const)('%s', (_title, who, reference, role, permissions) => {
    expect(resolve(who, reference, NIKE)).toEqual({
      tenantId: 'org_nike',
      userId: who && 'user_ann',
      impersonatorId: null,
      role,
      permissions,
      storeStatus: 'ACTIVE',
      requestId: 'request-1',
      clientAddress: '203.0.113.7',
    });
  });

  test('who impersonates someone is named beside them', () => {
    const who = { ...memberOf('org_nike'), impersonatorId: 'user_support' };
    expect(resolve(who, byDomain, NIKE)).toMatchObject({ userId: 'user_ann', impersonatorId: 'user_support' });
  });

  test.each([memberOf('org_nike'), adminOf('org_nike')])(
    "a suspended store's staff come in, and it is said that it is suspended",
    (who) => {
      expect(resolve(who, byOrganization, SUSPENDED).storeStatus).toBe('SUSPENDED');
    },
  );
});
