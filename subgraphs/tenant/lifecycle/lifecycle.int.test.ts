import type { Caller } from '../../shared/caller';
import { admin, customer, member, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { openTenantDatabase } from '../database';
import { deliver, deliveryOf, organizationCreated } from '../test/delivery';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';
import { changeStoreStatus } from './storeStatus';

const SUSPEND =
  'mutation ($reason: String) { tenantSuspend(input: { reason: $reason }) { tenant { status version } userErrors { field code message } } }';
const RESUME = 'mutation { tenantResume { tenant { status version } userErrors { field code message } } }';
const DELETE =
  'mutation ($slug: String!) { tenantDelete(input: { confirmSlug: $slug }) { tenant { status } userErrors { field code message } } }';

let tenant: TenantSubgraphUnderTest;
let database: Awaited<ReturnType<typeof openTenantDatabase>>;

beforeAll(async () => {
  tenant = await startTestSubgraph();
  database = await openTenantDatabase(tenant.appUrl, 2);
});
afterAll(async () => {
  await database?.close();
  await tenant?.close();
});

async function makeStore(): Promise<{ id: string; slug: string }> {
  const event = organizationCreated();
  const { status } = await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
  if (status !== 200) throw new Error(`No store: ${status}`);
  const { data } = await tenant.ask(admin(event.data.id), '{ currentTenant { slug } }');
  return { id: event.data.id, slug: data.currentTenant.slug };
}

const suspended = (caller: Caller): Caller => ({ ...caller, storeStatus: 'SUSPENDED' });
const codesOf = (payload: { userErrors: { code: string }[] }) => payload.userErrors.map(({ code }) => code);

describe.each([
  ['tenantSuspend', SUSPEND],
  ['tenantResume', RESUME],
  ['tenantDelete', DELETE],
])('%s', (_name, mutation) => {
  it.each<[string, (id: string) => Caller]>([
    ['visitor', visitor],
    ['customer', customer],
    ['member', member],
    ['service', service],
    ['admin without the permission', (id) => ({ ...admin(id), permissions: ['orders:manage'] })],
  ])('is refused to a %s, and changes nothing', async (_role, caller) => {
    const { id, slug } = await makeStore();
    const before = await checksumOfTenant(tenant.ownerUrl, id);
    const { errors } = await tenant.ask(caller(id), mutation, { slug });
    expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    expect(await checksumOfTenant(tenant.ownerUrl, id)).toEqual(before);
  });

  it('is STORE_NOT_FOUND or no change for an organization without a store', async () => {
    const { data, errors } = await tenant.ask(admin('org_none'), mutation, { slug: 'none' });
    expect([Object.values(data ?? { none: null }), errors?.[0]?.extensions?.code]).toEqual([[null], 'STORE_NOT_FOUND']);
  });
});

describe('tenantSuspend', () => {
  it('refuses a reason of 501 characters', async () => {
    const { id } = await makeStore();
    const { data } = await tenant.ask(admin(id), SUSPEND, { reason: 'x'.repeat(501) });
    expect(data.tenantSuspend).toEqual({
      tenant: null,
      userErrors: [{ field: ['input', 'reason'], code: 'INVALID', message: 'Expected at most 500 characters.' }],
    });
  });

  it('suspends once: a second time is INVALID_TRANSITION, and of ten concurrent requests one succeeds', async () => {
    const { id } = await makeStore();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => tenant.ask(admin(id), SUSPEND, { reason: 'holidays' })),
    );
    const codes = answers.map(({ data }) => codesOf(data.tenantSuspend).join());
    expect(codes.sort()).toEqual(['', ...Array.from({ length: 9 }, () => 'INVALID_TRANSITION')]);
    const { data } = await tenant.ask(suspended(member(id)), '{ currentTenant { status } }');
    expect(data.currentTenant.status).toBe('SUSPENDED');
  });
});

describe('while a store is suspended', () => {
  it('its staff see who suspended it and why, until it is resumed', async () => {
    const { id, slug } = await makeStore();
    const suspension = async (caller: Caller) =>
      (await tenant.ask(caller, '{ currentTenant { suspension { by reason } eraseAfter } }')).data.currentTenant;
    expect(await suspension(member(id))).toEqual({ suspension: null, eraseAfter: null });
    await tenant.ask(admin(id), SUSPEND, { reason: ' holidays ' });
    const why = { suspension: { by: 'STORE', reason: 'holidays' }, eraseAfter: null };
    expect(await suspension(suspended(member(id)))).toEqual(why);
    await tenant.ask(suspended(admin(id)), RESUME);
    await changeStoreStatus(database.db, id, { kind: 'SUSPEND', by: 'PLATFORM', reason: null });
    expect((await suspension(suspended(member(id)))).suspension).toEqual({ by: 'PLATFORM', reason: null });

    const { data } = await tenant.ask(
      suspended(admin(id)),
      'mutation ($slug: String!) { tenantDelete(input: { confirmSlug: $slug }) { tenant { suspension { by } eraseAfter } } }',
      { slug },
    );
    const days = (Date.parse(data.tenantDelete.tenant.eraseAfter) - Date.now()) / (24 * 60 * 60 * 1000);
    expect([data.tenantDelete.tenant.suspension, Math.round(days)]).toEqual([null, 30]);
  });

  it.each(['suspension { by }', 'eraseAfter'])('%s is for staff only', async (field) => {
    const { id } = await makeStore();
    const { data, errors } = await tenant.ask(customer(id), `{ currentTenant { ${field} } }`);
    expect([Object.values(data.currentTenant), errors?.[0]?.extensions?.code]).toEqual([[null], 'FORBIDDEN']);
  });

  it.each([
    ['visitor', visitor],
    ['customer', customer],
  ] as const)('a %s gets STORE_UNAVAILABLE', async (_role, caller) => {
    const { id } = await makeStore();
    const { errors } = await tenant.ask(suspended(caller(id)), '{ currentTenant { status } }');
    expect(errors?.[0]?.extensions?.code).toBe('STORE_UNAVAILABLE');
  });

  it('a mutation is STORE_UNAVAILABLE, except those that end the suspension', async () => {
    const { id } = await makeStore();
    await tenant.ask(admin(id), SUSPEND);
    const { errors } = await tenant.ask(suspended(admin(id)), SUSPEND);
    expect(errors?.[0]?.extensions?.code).toBe('STORE_UNAVAILABLE');
    const { data } = await tenant.ask(suspended(admin(id)), RESUME);
    expect(data.tenantResume).toEqual({ tenant: { status: 'ACTIVE', version: 3 }, userErrors: [] });
  });
});

describe('tenantResume', () => {
  it('is INVALID_TRANSITION for a store that is open', async () => {
    const { id } = await makeStore();
    const { data } = await tenant.ask(admin(id), RESUME);
    expect(codesOf(data.tenantResume)).toEqual(['INVALID_TRANSITION']);
  });

  it('is SUSPENDED_BY_PLATFORM for a store that the platform suspended; the platform can resume it', async () => {
    const { id } = await makeStore();
    await changeStoreStatus(database.db, id, { kind: 'SUSPEND', by: 'PLATFORM', reason: 'unpaid' });
    const { data } = await tenant.ask(suspended(admin(id)), RESUME);
    expect(codesOf(data.tenantResume)).toEqual(['SUSPENDED_BY_PLATFORM']);
    const resumed = await changeStoreStatus(database.db, id, { kind: 'RESUME', by: 'PLATFORM' });
    expect(resumed).toMatchObject({ status: 'ACTIVE', suspendedBy: null, suspendedReason: null });
  });
});

describe('tenantDelete', () => {
  it('needs the slug as a confirmation', async () => {
    const { id } = await makeStore();
    const { data } = await tenant.ask(admin(id), DELETE, { slug: 'another' });
    expect(data.tenantDelete.userErrors).toMatchObject([{ field: ['input', 'confirmSlug'], code: 'INVALID' }]);
  });

  it('closes the store, also a suspended one; within the grace period the platform can restore it', async () => {
    const { id, slug } = await makeStore();
    await tenant.ask(admin(id), SUSPEND);
    const { data } = await tenant.ask(suspended(admin(id)), DELETE, { slug });
    expect(data.tenantDelete).toEqual({ tenant: { status: 'DELETED' }, userErrors: [] });
    const restored = await changeStoreStatus(database.db, id, { kind: 'RESTORE' });
    expect(restored).toMatchObject({ status: 'ACTIVE', eraseAfter: null });
  });
});
