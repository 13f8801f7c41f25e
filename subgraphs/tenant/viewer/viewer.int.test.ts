import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, member, service, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';

const VIEWER = '{ viewer { id role permissions user { id name email imageUrl } } }';

let tenant: TenantSubgraphUnderTest;
beforeAll(async () => {
  tenant = await startTestSubgraph();
});
afterAll(() => tenant?.close());

const viewerOf = async (caller: Caller) => (await tenant.ask(caller, VIEWER)).data.viewer;

describe('viewer', () => {
  it('is refused to a service, and without a store', async () => {
    for (const [caller, code] of [
      [service(freshTenantId()), 'FORBIDDEN'],
      [{ ...visitor('org_x'), tenantId: null }, 'TENANT_REQUIRED'],
    ] as const) {
      expect((await tenant.ask(caller, VIEWER)).errors?.[0]?.extensions?.code).toBe(code);
    }
  });

  it('of a visitor has no user and no permissions', async () => {
    const id = freshTenantId();
    expect(await viewerOf(visitor(id))).toEqual({
      id: `${id}/visitor`,
      role: 'VISITOR',
      permissions: [],
      user: null,
    });
  });

  it('of a customer has the id of their account alone', async () => {
    const id = freshTenantId();
    const user = { id: 'user_ada', name: null, email: null, imageUrl: null };
    expect(await viewerOf(customer(id, 'user_ada'))).toEqual({
      id: `${id}/user_ada`,
      role: 'CUSTOMER',
      permissions: [],
      user,
    });
  });

  it('of staff has their name, what they may do, and another id in another store', async () => {
    const [id, other] = [freshTenantId(), freshTenantId()];
    await asOwner(
      tenant.ownerUrl,
      id,
      `INSERT INTO tenant_members (tenant_id, user_id, membership_id, role, permissions, name, email, joined_at, source_updated_at, profile_at)
       VALUES ($1, 'user_admin', 'orgmem_1', 'org:admin', '{}', 'Ada Lovelace', 'ada@example.com', now(), now(), now())`,
      [id],
    );
    const { permissions } = admin(id);
    const known = { id: 'user_admin', name: 'Ada Lovelace', email: 'ada@example.com', imageUrl: null };
    expect(await viewerOf(admin(id))).toEqual({ id: `${id}/user_admin`, role: 'ADMIN', permissions, user: known });
    const elsewhere = await viewerOf(admin(other));
    expect(elsewhere).toMatchObject({ id: `${other}/user_admin`, user: { id: 'user_admin', name: null } });
    expect((await viewerOf(member(id))).permissions).toEqual(member(id).permissions);
  });
});
