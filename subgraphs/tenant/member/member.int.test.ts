import { admin, customer, freshTenantId, member, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { deliver, deliveryOf, organizationCreated } from '../test/delivery';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';

const MEMBERS =
  '{ currentTenant { members(first: 10) { totalCount nodes { id role name joinedAt } pageInfo { hasNextPage endCursor } } } }';
const EMAILS = '{ currentTenant { members(first: 10) { nodes { id email } } } }';
const ACCESS = 'query ($userId: ID!) { memberAccess(userId: $userId) { isMember isAdmin permissions } }';

let tenant: TenantSubgraphUnderTest;
beforeAll(async () => {
  tenant = await startTestSubgraph();
});
afterAll(() => tenant?.close());

async function send(event: unknown): Promise<void> {
  const { status, text } = await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
  if (status !== 200) throw new Error(`${status} ${text}`);
}

async function makeStore(): Promise<string> {
  const event = organizationCreated();
  await send(event);
  return event.data.id;
}

function membership(type: string, tenantId: string, userId: string, changes: Record<string, unknown> = {}) {
  const data = {
    id: `orgmem_${userId}`,
    organization: { id: tenantId },
    role: 'org:member',
    permissions: [],
    public_user_data: {
      user_id: userId,
      first_name: 'Ada',
      last_name: 'Lovelace',
      identifier: `${userId}@example.com`,
    },
    created_at: Date.UTC(2026, 0, userId.length),
    updated_at: Date.now(),
    ...changes,
  };
  return { type: `organizationMembership.${type}`, object: 'event', timestamp: Date.now(), data };
}

describe('Tenant.members', () => {
  it.each([
    ['visitor', visitor],
    ['customer', customer],
    ['member without the permission', (id: string) => ({ ...member(id), permissions: [] })],
  ] as const)('is refused to a %s', async (_role, caller) => {
    const { data, errors } = await tenant.ask(caller(await makeStore()), MEMBERS);
    expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    expect(JSON.stringify(data)).not.toContain('user_');
  });

  it('hides e-mail addresses from staff who do not manage members', async () => {
    const id = await makeStore();
    await send(membership('created', id, 'user_ada'));
    const { data, errors } = await tenant.ask(member(id), EMAILS);
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect(data.currentTenant.members.nodes).toEqual([{ id: 'user_ada', email: null }]);
    const answer = await tenant.ask(admin(id), EMAILS);
    expect(answer.data.currentTenant.members.nodes).toEqual([{ id: 'user_ada', email: 'user_ada@example.com' }]);
  });

  it('lists the members of the organization, page by page, and none of another, nor those who have left', async () => {
    const [id, other] = [await makeStore(), await makeStore()];
    for (const user of ['user_a', 'user_bb', 'user_ccc']) await send(membership('created', id, user));
    await send(membership('created', other, 'user_theirs'));
    await send(membership('deleted', id, 'user_bb'));

    const { data } = await tenant.ask(member(id), MEMBERS);
    const { nodes, totalCount } = data.currentTenant.members;
    expect(totalCount).toBe(2);
    expect(nodes).toEqual([
      { id: 'user_a', role: 'org:member', name: 'Ada Lovelace', joinedAt: expect.stringMatching(/^2026-01/) },
      { id: 'user_ccc', role: 'org:member', name: 'Ada Lovelace', joinedAt: expect.stringMatching(/^2026-01/) },
    ]);
    const page =
      'query ($after: String) { currentTenant { members(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } } }';
    const first = await tenant.ask(member(id), page);
    const second = await tenant.ask(member(id), page, {
      after: first.data.currentTenant.members.pageInfo.endCursor,
    });
    expect([first, second].map((answer) => answer.data.currentTenant.members.nodes[0].id)).toEqual([
      'user_a',
      'user_ccc',
    ]);
  });
});

describe('memberAccess', () => {
  it.each([admin, member, customer, visitor])('is refused to a caller that is no service', async (caller) => {
    const { errors } = await tenant.ask(caller(await makeStore()), ACCESS, { userId: 'user_ada' });
    expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
  });

  it('is null for someone without a webhook, or in another store', async () => {
    const [id, other] = [await makeStore(), await makeStore()];
    await send(membership('created', other, 'user_theirs'));
    for (const userId of ['user_nobody', 'user_theirs']) {
      expect((await tenant.ask(service(id), ACCESS, { userId })).data).toEqual({ memberAccess: null });
    }
  });

  it('follows the membership: its role, its permissions, its end', async () => {
    const id = await makeStore();
    const access = async () => (await tenant.ask(service(id), ACCESS, { userId: 'user_ada' })).data.memberAccess;
    await send(membership('created', id, 'user_ada', { role: 'org:admin' }));
    expect(await access()).toMatchObject({ isMember: true, isAdmin: true });
    const clerk = {
      role: 'org:clerk',
      permissions: ['org:orders:manage', 'org:crm:read'],
      updated_at: Date.now() + 1_000,
    };
    await send(membership('updated', id, 'user_ada', clerk));
    expect(await access()).toEqual({ isMember: true, isAdmin: false, permissions: ['orders:read', 'orders:manage'] });
    await send(membership('deleted', id, 'user_ada'));
    expect(await access()).toEqual({ isMember: false, isAdmin: false, permissions: [] });
  });
});

it('a deleted account ends its memberships in every store, and leaves no name or address', async () => {
  const [one, two] = [await makeStore(), await makeStore()];
  const user = `user_${freshTenantId().replaceAll(/\W|org_/g, '')}`;
  for (const id of [one, two]) await send(membership('created', id, user));
  await send({ type: 'user.deleted', object: 'event', timestamp: Date.now(), data: { id: user, deleted: true } });
  for (const id of [one, two]) {
    const { data } = await tenant.ask(admin(id), EMAILS);
    expect(data.currentTenant.members.nodes).toEqual([]);
  }
});

describe('user.updated', () => {
  const renamed = (user: string, firstName: string, updatedAt: number) => ({
    type: 'user.updated',
    object: 'event',
    timestamp: updatedAt,
    data: {
      id: user,
      first_name: firstName,
      last_name: null,
      primary_email_address_id: 'idn_2',
      email_addresses: [
        { id: 'idn_1', email_address: 'old@example.com' },
        { id: 'idn_2', email_address: 'new@example.com' },
      ],
      updated_at: updatedAt,
    },
  });
  const NAMES = '{ currentTenant { members { nodes { name email } } } }';
  const newUser = () => `user_${freshTenantId().replaceAll(/\W|org_/g, '')}`;
  const membersOf = async (id: string) => (await tenant.ask(admin(id), NAMES)).data.currentTenant.members.nodes;

  it('stores nothing about a person who works for no store', async () => {
    const user = newUser();
    await send(renamed(user, 'Grace', Date.now()));
    const tables = await checksumOfTenant(tenant.ownerUrl, user);
    expect(Object.values(tables).every((sum) => sum.startsWith('0 '))).toBe(true);
  });

  it('changes the person’s name in every store, unless something newer is known, in whatever order deliveries come', async () => {
    const [one, two] = [await makeStore(), await makeStore()];
    const user = newUser();
    const now = Date.now();
    for (const id of [one, two]) await send(membership('created', id, user, { updated_at: now }));
    await send(renamed(user, 'Grace', now + 2_000));
    await send(renamed(user, 'Older', now + 1_000));
    // The role changed before the name did, so this delivery has the former name.
    await send(membership('updated', one, user, { updated_at: now + 1_500, role: 'org:admin' }));
    for (const id of [one, two]) expect(await membersOf(id)).toEqual([{ name: 'Grace', email: 'new@example.com' }]);
    await send(membership('updated', one, user, { updated_at: now + 3_000 }));
    expect(await membersOf(one)).toEqual([{ name: 'Ada Lovelace', email: `${user}@example.com` }]);
  });

  it('leaves no name of a person who has left, also when it is delivered before the end', async () => {
    const id = await makeStore();
    const user = newUser();
    await send(membership('created', id, user));
    await send(renamed(user, 'Grace', Date.now() + 60_000));
    await send(membership('deleted', id, user));
    await send(renamed(user, 'Grace', Date.now() + 90_000));
    const rows = await asOwner(tenant.ownerUrl, id, 'SELECT name, email FROM tenant_members WHERE tenant_id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ name: null, email: null }]);
  });
});

describe('an erased store', () => {
  it.each(['erasure_lease_until', 'erased_at'])(
    'stores nobody whose membership is delivered afterwards (%s)',
    async (column) => {
      const id = await makeStore();
      await asOwner(
        tenant.ownerUrl,
        id,
        `UPDATE tenants SET status = 'DELETED', ${column} = now() WHERE tenant_id = $1`,
        [id],
      );
      for (const type of ['created', 'updated', 'deleted']) await send(membership(type, id, 'user_ada'));
      expect(await asOwner(tenant.ownerUrl, id, 'SELECT * FROM tenant_members WHERE tenant_id = $1', [id])).toEqual([]);
    },
  );
});

describe('GET /webhooks/clerk/counts', () => {
  it('counts deliveries by type and result, also those of types that are not used', async () => {
    const counts = async () =>
      (await (await fetch(`${tenant.url}/webhooks/clerk/counts`)).json()) as Record<string, Record<string, number>>;
    const before = await counts();
    await send({ type: 'session.created', data: {} });
    const event = organizationCreated();
    for (const _ of [1, 2]) await send(event);
    const after = await counts();
    const more = (type: string, outcome: string) => (after[type]?.[outcome] ?? 0) - (before[type]?.[outcome] ?? 0);
    expect(more('other', 'ignored')).toBe(1);
    expect(more('organization.created', 'applied')).toBe(1);
    expect(more('organization.created', 'outdated')).toBe(1);
  });
});
