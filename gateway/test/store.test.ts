import { serviceCaller } from '../../subgraphs/shared/caller';
import { type SubgraphClient, type SubgraphResult, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { Identity } from '../auth';
import { resolveCaller, type Store, storeDomainOf, storeReferenceOf } from '../store';
import { createStoreLookup } from '../storeLookup';

const NIKE = {
  id: 'org_nike',
  slug: 'nike',
  status: 'ACTIVE',
  limits: { products: 100, requestCostPerMinute: 600_000 },
  showsExactStock: false,
  orderPrefix: 'NK-',
};
const SUSPENDED = { ...NIKE, status: 'SUSPENDED' };
const byDomain = { domain: 'nike.localhost' };
const byOrganization = { organizationId: 'org_nike' };
const refusedWith = (code: string) => expect.objectContaining({ extensions: expect.objectContaining({ code }) });

function identity(organization: Identity['organization'] = null): Identity {
  return { userId: 'user_ann', impersonatorId: null, sessionId: 'sess_1', organization, issuedAt: 0, expiresAt: 0 };
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

  test('is none for the base domain itself, whatever it is', () => {
    expect(named('shops.example.com', 'shops.example.com')).toBeNull();
    expect(named('nike.shops.example.com', 'shops.example.com')).toBe('nike.shops.example.com');
    expect(named('example.com', 'shops.example.com')).toBe('example.com');
  });

  test('X-Store-Domain goes before the host', () => {
    const headers = { host: ['puma.localhost'], 'x-store-domain': ['Nike.localhost:3000'] };
    expect(storeDomainOf(headers, 'localhost')).toBe('nike.localhost');
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
    ['a too long one', [`${'a'.repeat(250)}.com`]],
    ['a wildcard', ['*.localhost']],
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

  test('the named store goes before the active organization', () => {
    expect(storeReferenceOf('nike.localhost', adminOf('org_puma'))).toEqual(byDomain);
  });
});

describe('resolveCaller', () => {
  const resolve = (
    ...[who, reference, store]: Parameters<typeof resolveCaller> extends [...infer Rest, string] ? Rest : never
  ) => resolveCaller(who, reference, store, 'request-1');

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
    ['a status of the future is STORE_UNAVAILABLE', null, byDomain, { ...NIKE, status: 'PAUSED' }, 'STORE_UNAVAILABLE'],
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
      productLimit: 100,
      showsExactStock: false,
      orderPrefix: 'NK-',
      requestId: 'request-1',
    });
  });

  test.each([memberOf('org_nike'), adminOf('org_nike')])(
    "a suspended store's staff come in, and it is said that it is suspended",
    (who) => {
      expect(resolve(who, byOrganization, SUSPENDED).storeStatus).toBe('SUSPENDED');
    },
  );
});

describe('the look-up of a store', () => {
  function lookupAnswering(answer: () => SubgraphResult) {
    const execute = jest.fn<Promise<SubgraphResult>, unknown[]>(async () => answer());
    return { execute, ...createStoreLookup({ execute, close: async () => {} } as unknown as SubgraphClient) };
  }
  const found = () => ({ data: { store: NIKE } });
  /** lru-cache reads the clock once a millisecond. */
  const cacheToReadTheClock = () => new Promise((resolve) => setTimeout(resolve, 10));
  afterEach(() => jest.restoreAllMocks());

  test('by domain asks as a service without a store', async () => {
    const { execute, find } = lookupAnswering(found);
    await expect(find(byDomain, 'request-1')).resolves.toEqual(NIKE);
    expect(execute).toHaveBeenCalledWith(
      { query: expect.stringContaining('tenantByDomain(domain: $domain)'), variables: { domain: 'nike.localhost' } },
      serviceCaller(null, 'request-1'),
    );
  });

  test('by organization asks as a service of that organization', async () => {
    const { execute, find } = lookupAnswering(found);
    await expect(find(byOrganization, 'request-1')).resolves.toEqual(NIKE);
    expect(execute).toHaveBeenCalledWith(
      { query: expect.stringContaining('currentTenant') },
      serviceCaller('org_nike', 'request-1'),
    );
  });

  test('an organization that the tenant subgraph calls STORE_NOT_FOUND has no store', async () => {
    const { find } = lookupAnswering(() => ({
      data: null,
      errors: [{ message: '', extensions: { code: 'STORE_NOT_FOUND' } }],
    }));
    await expect(find(byOrganization, 'request-1')).resolves.toBeNull();
  });

  test('is shared by those who ask at once, and remembered for 5 seconds, also that there is none', async () => {
    const start = performance.now();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(start);
    const { execute, find } = lookupAnswering(() => ({ data: { store: null } }));
    await expect(Promise.all([find(byDomain, '1'), find(byDomain, '2')])).resolves.toEqual([null, null]);
    clock.mockReturnValue(start + 4_900);
    await cacheToReadTheClock();
    await find(byDomain, '3');
    expect(execute).toHaveBeenCalledTimes(1);
    clock.mockReturnValue(start + 5_100);
    await cacheToReadTheClock();
    await find(byDomain, '4');
    expect(execute).toHaveBeenCalledTimes(2);
  });

  test('holds for 5 minutes while the tenant subgraph does not answer, for a store that was there', async () => {
    const start = performance.now();
    const startedAt = Date.now();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(start);
    const wallClock = jest.spyOn(Date, 'now').mockReturnValue(startedAt);
    let store: Store | null = NIKE;
    let down = false;
    const { find } = lookupAnswering(() => {
      if (down) throw new SubgraphUnavailable('tenant', 'down');
      return { data: { store } };
    });
    const later = async (ms: number) => {
      clock.mockReturnValue(start + ms);
      wallClock.mockReturnValue(startedAt + ms);
      await cacheToReadTheClock();
    };
    await find(byDomain, '1');
    store = null;
    await find(byOrganization, '1');
    down = true;
    await later(4 * 60_000);
    await expect(find(byDomain, '2')).resolves.toEqual(NIKE);
    await expect(find(byOrganization, '2')).rejects.toThrow(SubgraphUnavailable);
    await later(6 * 60_000);
    await expect(find(byDomain, '3')).rejects.toThrow(SubgraphUnavailable);
  });

  test('of 20,000 made-up names is remembered within bounds, and pushes no store out', async () => {
    const { execute, find } = lookupAnswering(() => {
      const [{ variables }] = execute.mock.lastCall as [{ variables?: { domain: string } }];
      return { data: { store: variables?.domain === 'nike.localhost' ? NIKE : null } };
    });
    await find(byDomain, '1');
    for (let n = 0; n < 20_000; n += 1) await find({ domain: `made-up-${n}.example` }, '2');
    await find(byDomain, '3');
    await find({ domain: 'made-up-19999.example' }, '4');
    expect(execute).toHaveBeenCalledTimes(20_001);
    await find({ domain: 'made-up-0.example' }, '5');
    expect(execute).toHaveBeenCalledTimes(20_002);
  });

  test('is made anew after stores have changed', async () => {
    const { execute, find, forget } = lookupAnswering(found);
    await find(byDomain, '1');
    forget();
    await find(byDomain, '2');
    expect(execute).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['errors', () => ({ data: { store: null }, errors: [{ message: 'boom' }] })],
    ['errors beside data', () => ({ data: { store: NIKE }, errors: [{ message: 'boom' }] })],
    ['data of another shape', () => ({ data: { store: { id: 7 } } })],
  ])('that ends in %s is a failure and not remembered', async (_title, answer) => {
    const { execute, find } = lookupAnswering(answer);
    await expect(find(byDomain, '1')).rejects.toThrow('The tenant service is unavailable');
    await expect(find(byDomain, '2')).rejects.toThrow('The tenant service is unavailable');
    expect(execute).toHaveBeenCalledTimes(2);
  });
});
