import { execFile } from 'node:child_process';
import { admin, service } from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { openTenantDatabase } from '../database';
import { ClerkBackendApi, SECRET_KEY } from '../test/clerkBackendApi';
import { newOrganizationId } from '../test/delivery';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';
import { clerkDirectory } from './clerkDirectory';
import { reconcile } from './reconcile.service';

let tenant: TenantSubgraphUnderTest;
let database: Awaited<ReturnType<typeof openTenantDatabase>>;
let clerk: ClerkBackendApi;

beforeEach(async () => {
  // A Clerk instance's list is of all its organizations: each test has an instance and a database of its own.
  tenant = await startTestSubgraph();
  database = await openTenantDatabase(tenant.appUrl, 4);
  clerk = await ClerkBackendApi.start();
});
afterEach(async () => {
  await database.close();
  await tenant.close();
  await clerk.close();
});

const round = () => reconcile(database.db, clerkDirectory(SECRET_KEY, clerk.url));

let clock = Date.UTC(2026, 10, 1);
function later(): number {
  clock += 1_000;
  return clock;
}

function addOrganization(people: { userId: string; role: string }[] = [], id = newOrganizationId()): string {
  const slug = id.toLowerCase().replaceAll('_', '-');
  const members = people.map((person) => ({ ...person, updatedAt: later() }));
  clerk.organizations.set(id, { name: 'Nike', slug, updatedAt: later(), people: members });
  return id;
}
const organization = (id: string) => {
  const found = clerk.organizations.get(id);
  if (!found) throw new Error('No such organization');
  return found;
};

const STORE = '{ currentTenant { name status members(first: 100) { nodes { id role } } } }';
const storeOf = async (id: string) => (await tenant.ask(admin(id), STORE)).data?.currentTenant ?? null;

describe('what Clerk does not answer for is left as it is', () => {
  it('when it fails in the middle of a list: what is missing from the rest is not taken for gone', async () => {
    const ids = Array.from({ length: 150 }, () => addOrganization());
    await round();
    clerk.fault = (path, nth) => (path === '/v1/organizations' && nth > 100 ? { status: 400 } : null);
    await expect(round()).rejects.toThrow();
    clerk.fault = () => null;
    expect((await storeOf(ids.at(-1) ?? ''))?.status).toBe('ACTIVE');
  });

  it('when the list leaves out an organization or a member that is there, as a list may that changes while it is read', async () => {
    const id = addOrganization([{ userId: 'user_ada', role: 'org:admin' }]);
    await round();
    const directory = clerkDirectory(SECRET_KEY, clerk.url);
    await reconcile(database.db, { ...directory, async *memberships() {} });
    await reconcile(database.db, { ...directory, async *organizations() {} });
    expect(await storeOf(id)).toMatchObject({ status: 'ACTIVE', members: { nodes: [{ id: 'user_ada' }] } });
  });

  it('when the secret key is wrong', async () => {
    const id = addOrganization();
    await round();
    await expect(reconcile(database.db, clerkDirectory('sk_test_wrong', clerk.url))).rejects.toThrow();
    expect((await storeOf(id)).status).toBe('ACTIVE');
  });
});

describe('what webhooks did not tell is repaired', () => {
  it('W14 stores, names, roles, and what has ended, over more than one page; the next round has nothing to do', async () => {
    const ids = Array.from({ length: 130 }, () => addOrganization());
    const [first = '', second = '', third = ''] = ids;
    organization(first).people.push(
      ...Array.from({ length: 120 }, (_, n) => ({ userId: `user_${n}x`, role: 'org:member', updatedAt: later() })),
    );
    expect(await round()).toEqual({ organizations: 130, memberships: 120, repaired: 250 });
    expect((await storeOf(first)).members.nodes).toHaveLength(100);

    Object.assign(organization(second), { name: 'Just Do It', updatedAt: later() });
    clerk.organizations.delete(third);
    const { people } = organization(first);
    people.shift();
    Object.assign(people[0] ?? {}, { role: 'org:admin', updatedAt: later() });
    expect(await round()).toEqual({ organizations: 129, memberships: 119, repaired: 4 });

    expect((await storeOf(second)).name).toBe('Just Do It');
    expect((await storeOf(third)).status).toBe('DELETED');
    const access = async (userId: string) =>
      (await tenant.ask(service(first), `{ memberAccess(userId: "${userId}") { isMember isAdmin } }`)).data
        .memberAccess;
    expect(await access('user_0x')).toEqual({ isMember: false, isAdmin: false });
    expect(await access('user_1x')).toEqual({ isMember: true, isAdmin: true });

    const before = await checksumOfTenant(tenant.ownerUrl, first);
    expect((await round()).repaired).toBe(0);
    expect(await checksumOfTenant(tenant.ownerUrl, first)).toEqual(before);
  }, 60_000);

  it('after Clerk asked to wait, and failed for a moment', async () => {
    const id = addOrganization([{ userId: 'user_ada', role: 'org:member' }]);
    clerk.fault = (_path, nth) => {
      if (nth === 1) return { status: 429, retryAfter: '1' };
      return nth === 3 ? { status: 503 } : null;
    };
    const start = Date.now();
    expect(await round()).toEqual({ organizations: 1, memberships: 1, repaired: 2 });
    expect(Date.now() - start).toBeGreaterThanOrEqual(1_000);
    expect((await storeOf(id)).members.nodes).toEqual([{ id: 'user_ada', role: 'org:member' }]);
  });

  it('by two instances at once as by one', async () => {
    const ids = Array.from({ length: 5 }, () => addOrganization([{ userId: 'user_ada', role: 'org:member' }]));
    await Promise.all([round(), round()]);
    for (const id of ids) expect((await storeOf(id)).members.nodes).toHaveLength(1);
  });

  it('by the command, as a process of its own', async () => {
    const id = addOrganization();
    const env = { ...process.env, ...tenant.env, CLERK_SECRET_KEY: SECRET_KEY, CLERK_API_URL: clerk.url };
    const run = (changes: NodeJS.ProcessEnv = {}) =>
      new Promise<{ status: number; output: string }>((resolve) => {
        execFile(
          process.execPath,
          ['--import', 'tsx', 'subgraphs/tenant/reconcile/command.ts'],
          { env: { ...env, ...changes } },
          (error, stdout, stderr) => resolve({ status: error ? 1 : 0, output: `${stdout}${stderr}`.trim() }),
        );
      });
    expect(await run()).toEqual({ status: 0, output: '{"organizations":1,"memberships":0,"repaired":1}' });
    expect((await storeOf(id)).status).toBe('ACTIVE');
    const without = await run({ CLERK_SECRET_KEY: '' });
    expect(without.output).toContain('CLERK_SECRET_KEY: is missing');
    expect(without.status).toBe(1);
  });
});
