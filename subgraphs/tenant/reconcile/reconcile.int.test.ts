import { execFile } from 'node:child_process';
import { createLogger } from '../../shared/log';
import { admin, service } from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { openTenantDatabase } from '../database';
import { ClerkBackendApi, SECRET_KEY } from '../test/clerkBackendApi';
import { deliver, deliveryOf, newOrganizationId } from '../test/delivery';
import { startSubgraphHere, type TenantSubgraphHere } from '../test/startSubgraphHere';
import { type ClerkDirectory, clerkDirectory, clerkFaultOf } from './clerkDirectory';
import { type Reconciliation, reconcile, TooManyDeletions } from './reconcile.service';

let tenant: TenantSubgraphHere;
let database: Awaited<ReturnType<typeof openTenantDatabase>>;
let clerk: ClerkBackendApi;

beforeEach(async () => {
  // A Clerk instance lists all its organizations, so each test has its own instance and database.
  tenant = await startSubgraphHere();
  database = await openTenantDatabase(tenant.appUrl, 4);
  clerk = await ClerkBackendApi.start();
});
afterEach(async () => {
  await database?.close();
  await tenant?.close();
  await clerk?.close();
});

const logger = createLogger('tenant', 'silent');
const directory = () => clerkDirectory(SECRET_KEY, { apiUrl: clerk.url });
const runReconcile = (changes: Partial<Reconciliation> = {}) =>
  reconcile({ db: database.db, clerk: directory(), logger, ...changes });

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

describe('nothing is closed or removed without a certain answer of Clerk', () => {
  it('when it fails in the middle of a list: missing entries do not count as deleted', async () => {
    const ids = Array.from({ length: 150 }, () => addOrganization());
    await runReconcile();
    clerk.fault = (path, nth) => (path === '/v1/organizations' && nth > 100 ? { status: 400 } : null);
    await expect(runReconcile()).rejects.toThrow();
    clerk.fault = () => null;
    expect((await storeOf(ids.at(-1) ?? ''))?.status).toBe('ACTIVE');
  });

  it('when a list that changes while it is read lacks an organization or a member that exists', async () => {
    const id = addOrganization([{ userId: 'user_ada', role: 'org:admin' }]);
    await runReconcile();
    await runReconcile({ clerk: { ...directory(), async *memberships() {} } });
    await runReconcile({ clerk: { ...directory(), async *organizations() {} } });
    expect(await storeOf(id)).toMatchObject({ status: 'ACTIVE', members: { nodes: [{ id: 'user_ada' }] } });
  });

  it('when the secret key is wrong', async () => {
    const id = addOrganization();
    await runReconcile();
    const wrong = clerkDirectory('sk_test_wrong', { apiUrl: clerk.url });
    await expect(runReconcile({ clerk: wrong })).rejects.toThrow();
    expect((await storeOf(id)).status).toBe('ACTIVE');
  });

  it.each([1, 20])('when another Clerk instance answers, which knows none of %d stores', async (stores) => {
    const ids = Array.from({ length: stores }, () => addOrganization());
    await runReconcile();
    clerk.organizations.clear();
    const another = addOrganization();
    const statuses = async () => new Set(await Promise.all(ids.map(async (id) => (await storeOf(id)).status)));
    await expect(runReconcile()).rejects.toThrow(TooManyDeletions);
    expect(await statuses()).toEqual(new Set(['ACTIVE']));

    clerk.organizations.delete(another);
    await runReconcile({ allowDeletions: true });
    expect(await statuses()).toEqual(new Set(['DELETED']));
  });

  it('when it does not respond at all: the run ends by its timeout, and immediately when the service is stopped', async () => {
    const id = addOrganization();
    await runReconcile();
    clerk.isSilent = true;
    const withShortTimeout = clerkDirectory(SECRET_KEY, { apiUrl: clerk.url, timeoutMs: 1, maxAttempts: 2 });
    await expect(withShortTimeout.isOrganizationGone(id)).rejects.toThrow('did not answer');
    const stopping = new AbortController();
    const stopped = runReconcile({ clerk: clerkDirectory(SECRET_KEY, { apiUrl: clerk.url, signal: stopping.signal }) });
    stopping.abort();
    await expect(stopped).rejects.toThrow('abort');
    expect((await storeOf(id)).status).toBe('ACTIVE');
  }, 60_000);
});

describe('missed webhooks are repaired', () => {
  it('W14 stores, names, roles, and what has ended, over more than one page; the next run has nothing to do', async () => {
    const ids = Array.from({ length: 130 }, () => addOrganization());
    const [first = '', second = '', third = ''] = ids;
    organization(first).people.push(
      ...Array.from({ length: 120 }, (_, n) => ({ userId: `user_${n}x`, role: 'org:member', updatedAt: later() })),
    );
    expect(await runReconcile()).toEqual({ organizations: 130, memberships: 120, repaired: 250, failed: 0 });
    expect((await storeOf(first)).members.nodes).toHaveLength(100);

    Object.assign(organization(second), { name: 'Just Do It', updatedAt: later() });
    clerk.organizations.delete(third);
    const { people } = organization(first);
    people.shift();
    Object.assign(people[0] ?? {}, { role: 'org:admin', updatedAt: later() });
    expect(await runReconcile()).toEqual({ organizations: 129, memberships: 119, repaired: 4, failed: 0 });

    expect((await storeOf(second)).name).toBe('Just Do It');
    expect((await storeOf(third)).status).toBe('DELETED');
    const access = async (userId: string) =>
      (await tenant.ask(service(first), `{ memberAccess(userId: "${userId}") { isMember isAdmin } }`)).data
        .memberAccess;
    expect(await access('user_0x')).toEqual({ isMember: false, isAdmin: false });
    expect(await access('user_1x')).toEqual({ isMember: true, isAdmin: true });

    const before = await checksumOfTenant(tenant.ownerUrl, first);
    expect((await runReconcile()).repaired).toBe(0);
    expect(await checksumOfTenant(tenant.ownerUrl, first)).toEqual(before);
  }, 60_000);

  it('with one statement for a page of organizations and one for the members of each, where there is nothing to repair', async () => {
    const people = ['user_ada', 'user_grace', 'user_joan'].map((userId) => ({ userId, role: 'org:member' }));
    for (let n = 0; n < 5; n += 1) addOrganization(people);
    await runReconcile();
    const uses: Record<string, number> = {};
    const db = new Proxy(database.db, {
      get: (target, part) => {
        uses[String(part)] = (uses[String(part)] ?? 0) + 1;
        return Reflect.get(target, part);
      },
    });
    expect(await runReconcile({ db })).toEqual({ organizations: 5, memberships: 15, repaired: 0, failed: 0 });
    // The list of the known ones before the run, and the page.
    expect(uses).toEqual({ clerkOrganization: 2, tenantMember: 5 });
  });

  it('for all others, when one organization can’t be read and another’s members can’t be listed', async () => {
    const [unreadable, unanswered, third] = [0, 1, 2].map(() =>
      addOrganization([{ userId: 'user_ada', role: 'org:member' }]),
    );
    await runReconcile();
    organization(unreadable ?? '').name = '';
    clerk.fault = (path) => (path === `/v1/organizations/${unanswered}/memberships` ? { status: 400 } : null);
    Object.assign(organization(third ?? ''), { name: 'Just Do It', updatedAt: later() });
    expect(await runReconcile()).toEqual({ organizations: 2, memberships: 1, repaired: 1, failed: 2 });
    for (const id of [unreadable, unanswered]) {
      expect(await storeOf(id ?? '')).toMatchObject({ status: 'ACTIVE', members: { nodes: [{ id: 'user_ada' }] } });
    }
    expect((await storeOf(third ?? '')).name).toBe('Just Do It');
  });

  it("a person's name, which does not change the membership's time; a later webhook is not overwritten", async () => {
    const id = addOrganization([{ userId: 'user_ada', role: 'org:member' }]);
    const nameOf = async () =>
      (await tenant.ask(admin(id), '{ currentTenant { members { nodes { name } } } }')).data.currentTenant.members
        .nodes[0].name;
    await runReconcile();
    Object.assign(organization(id).people[0] ?? {}, { firstName: 'Augusta' });
    expect((await runReconcile()).repaired).toBe(1);
    expect(await nameOf()).toBe('Augusta');
    expect((await runReconcile()).repaired).toBe(0);

    const at = Date.now() + 60_000;
    const data = { id: 'user_ada', first_name: 'Countess', updated_at: at, email_addresses: null };
    const event = { type: 'user.updated', object: 'event', timestamp: at, data };
    await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
    expect((await runReconcile()).repaired).toBe(0);
    expect(await nameOf()).toBe('Countess');
  });

  it('after a 429 with Retry-After, and a 503', async () => {
    const id = addOrganization([{ userId: 'user_ada', role: 'org:member' }]);
    clerk.fault = (_path, nth) => {
      if (nth === 1) return { status: 429, retryAfter: '1' };
      return nth === 3 ? { status: 503 } : null;
    };
    const start = Date.now();
    expect(await runReconcile()).toEqual({ organizations: 1, memberships: 1, repaired: 2, failed: 0 });
    expect(Date.now() - start).toBeGreaterThanOrEqual(1_000);
    expect((await storeOf(id)).members.nodes).toEqual([{ id: 'user_ada', role: 'org:member' }]);
  });

  it('equally by two concurrent instances', async () => {
    const ids = Array.from({ length: 5 }, () => addOrganization([{ userId: 'user_ada', role: 'org:member' }]));
    await Promise.all([runReconcile(), runReconcile()]);
    for (const id of ids) expect((await storeOf(id)).members.nodes).toHaveLength(1);
  });

  it('by the command, as a process of its own', async () => {
    const id = addOrganization();
    const env = { ...process.env, ...tenant.env, CLERK_SECRET_KEY: SECRET_KEY, CLERK_API_URL: clerk.url };
    const run = (changes: NodeJS.ProcessEnv = {}) =>
      new Promise<{ status: number; output: string }>((resolve) => {
        execFile(
          process.execPath,
          ['--require', './gateway/dev/ts', 'subgraphs/tenant/reconcile/command.ts'],
          { env: { ...env, ...changes } },
          (error, stdout, stderr) => resolve({ status: error ? 1 : 0, output: `${stdout}${stderr}`.trim() }),
        );
      });
    expect(await run()).toEqual({ status: 0, output: '{"organizations":1,"memberships":0,"repaired":1,"failed":0}' });
    expect((await storeOf(id)).status).toBe('ACTIVE');
    const [without, foreign] = await Promise.all(
      ['', 'sk_test_of_another'].map((key) => run({ CLERK_SECRET_KEY: key })),
    );
    expect(without?.output).toContain('CLERK_SECRET_KEY: is missing');
    expect(without?.status).toBe(1);
    expect(foreign).toEqual({
      status: 1,
      output: 'Clerk refuses CLERK_SECRET_KEY: expected the secret key of your Clerk instance, sk_…',
    });
  }, 60_000);

  it('clerkFaultOf has a sentence for each failure of Clerk', async () => {
    const faultOf = async (directory: ClerkDirectory) =>
      clerkFaultOf(
        await directory
          .organizations()
          .next()
          .catch((error: Error) => error),
      );
    const ask = (apiUrl: string, timeoutMs = 5_000) =>
      faultOf(clerkDirectory(SECRET_KEY, { apiUrl, maxAttempts: 1, timeoutMs }));
    expect(await ask('http://127.0.0.1:9')).toContain("can't be reached");
    clerk.fault = () => ({ status: 503 });
    expect(await ask(clerk.url)).toBe('Clerk answered 503: internal_error.');
    clerk.fault = () => null;
    clerk.isSilent = true;
    expect(await ask(clerk.url, 50)).toBe('Clerk did not answer in 50 ms.');
    expect(clerkFaultOf(new Error('of another kind'))).toBeNull();
  });
});
