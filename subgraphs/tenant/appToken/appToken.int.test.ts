import { readAppToken } from '../../shared/appToken';
import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, member, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { deliver, deliveryOf, organizationCreated } from '../test/delivery';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';

const TOKEN = 'id kind name hint permissions allowedAddresses expiresAt lastUsedAt revokedAt createdBy version';
const CREATE = `mutation ($input: AppTokenCreateInput!) { appTokenCreate(input: $input) {
  appToken { ${TOKEN} } token userErrors { field code } } }`;
const UPDATE = `mutation ($id: ID!, $input: AppTokenUpdateInput!) { appTokenUpdate(id: $id, input: $input) {
  appToken { ${TOKEN} } userErrors { field code } } }`;
const REVOKE = `mutation ($id: ID!) { appTokenRevoke(id: $id) { appToken { ${TOKEN} } userErrors { field code } } }`;
const LIST = `{ appTokens { nodes { ${TOKEN} } totalCount } }`;
const AUTHENTICATE =
  'mutation ($hash: String!) { appTokenAuthenticate(hash: $hash) { id tenantId kind permissions allowedAddresses } }';
const NOBODY = service(null);

let tenant: TenantSubgraphUnderTest;
beforeAll(async () => {
  tenant = await startTestSubgraph();
});
afterAll(() => tenant?.close());

async function makeStore(): Promise<string> {
  const event = organizationCreated();
  const { status } = await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
  expect(status).toBe(200);
  return event.data.id;
}

async function create(caller: Caller, input: object = {}) {
  const { data, errors } = await tenant.ask(caller, CREATE, {
    input: { name: 'ERP', permissions: ['orders:read'], ...input },
  });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.appTokenCreate;
}

const authenticate = async (token: string) =>
  (await tenant.ask(NOBODY, AUTHENTICATE, { hash: readAppToken(token)?.hash })).data.appTokenAuthenticate;
const codesOf = ({ userErrors }: { userErrors: { field: string[]; code: string }[] }) =>
  userErrors.map(({ field, code }) => `${field.join('.')} ${code}`);

describe('a store’s tokens', () => {
  it.each([
    ['visitor', visitor],
    ['customer', customer],
    ['member without the permission', member],
  ] as const)('are refused to a %s', async (_who, caller) => {
    const id = await makeStore();
    for (const [query, variables] of [
      [CREATE, { input: { name: 'ERP', permissions: ['orders:read'] } }],
      [REVOKE, { id: 'apt_1' }],
      [LIST, {}],
    ] as const) {
      const { errors } = await tenant.ask(caller(id), query, variables);
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
  });

  it('can’t be made while impersonating: a token outlives that', async () => {
    const id = await makeStore();
    const { errors } = await tenant.ask({ ...admin(id), impersonatorId: 'user_support' }, CREATE, {
      input: { name: 'ERP', permissions: ['orders:read'] },
    });
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('tells everything that is wrong with one at once', async () => {
    const id = await makeStore();
    const input = {
      name: ' ',
      permissions: ['orders:read', 'everything'],
      allowedAddresses: ['203.0.113.7', 'here', '2001:db8::/48', '2001:db8::1'],
      expiresAt: '2020-01-01T00:00:00Z',
    };
    expect(codesOf(await create(admin(id), input))).toEqual([
      'input.name REQUIRED',
      'input.permissions.1 INVALID',
      'input.expiresAt INVALID',
      'input.allowedAddresses.1 INVALID',
      'input.allowedAddresses.3 INVALID',
    ]);
    expect(codesOf(await create(admin(id), { permissions: [] }))).toEqual(['input.permissions REQUIRED']);
    expect(codesOf(await create(admin(id), { kind: 'STOREFRONT' }))).toEqual(['input.permissions INVALID']);
    expect((await tenant.ask(admin(id), LIST)).data.appTokens.totalCount).toBe(0);
  });

  it('may do no more than whoever makes them', async () => {
    const id = await makeStore();
    const limited: Caller = { ...admin(id), permissions: ['store:manage', 'orders:read'] };
    const made = await create(limited, { permissions: ['orders:read', 'orders:manage', 'products:read'] });
    expect(codesOf(made)).toEqual(['input.permissions.1 INVALID', 'input.permissions.2 INVALID']);
  });

  it('are shown once, kept as a hash, and listed without their secret', async () => {
    const id = await makeStore();
    const { appToken, token } = await create(admin(id), { permissions: ['orders:manage'], name: ' ERP of Ann ' });
    expect(appToken).toMatchObject({
      kind: 'PRIVATE',
      name: 'ERP of Ann',
      hint: `mst_live_…${token.slice(-4)}`,
      permissions: ['orders:read', 'orders:manage'],
      createdBy: 'user_admin',
      lastUsedAt: null,
    });
    const { data } = await tenant.ask(admin(id), LIST);
    expect(data.appTokens).toEqual({ nodes: [appToken], totalCount: 1 });
    const rows = await asOwner(
      tenant.ownerUrl,
      id,
      `SELECT (SELECT json_agg(t) FROM app_tokens t WHERE tenant_id = $1)::text
         || (SELECT json_agg(e) FROM outbox_events e WHERE tenant_id = $1)::text AS stored`,
      [id],
    );
    expect(JSON.stringify(rows)).toContain('tenant.app_token.created');
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('are 50 at most, those that are revoked not counted', async () => {
    const id = await makeStore();
    const made = await Promise.all(Array.from({ length: 52 }, () => create(admin(id))));
    expect(made.filter(({ token }) => token !== null)).toHaveLength(50);
    expect(codesOf(made.find(({ token }) => token === null))).toEqual([' LIMIT_REACHED']);
    await tenant.ask(admin(id), REVOKE, { id: made.find(({ token }) => token !== null).appToken.id });
    expect(codesOf(await create(admin(id)))).toEqual([]);
  });

  it('of another store are none', async () => {
    const [id, other] = [await makeStore(), await makeStore()];
    const { appToken, token } = await create(admin(other));
    for (const [query, variables] of [
      [REVOKE, { id: appToken.id }],
      [UPDATE, { id: appToken.id, input: { name: 'Mine' } }],
    ] as const) {
      const { data } = await tenant.ask(admin(id), query, variables);
      expect(codesOf(Object.values(data)[0] as never)).toEqual(['id NOT_FOUND']);
    }
    expect(await authenticate(token)).toMatchObject({ tenantId: other });
  });

  it('change what they are called and from where they are accepted, by version', async () => {
    const id = await makeStore();
    const { appToken, token } = await create(admin(id));
    const change = async (input: object) =>
      (await tenant.ask(admin(id), UPDATE, { id: appToken.id, input })).data.appTokenUpdate;
    const changed = await change({ name: 'New', allowedAddresses: ['203.0.113.0/24'], expectedVersion: 1 });
    expect(changed.appToken).toMatchObject({ name: 'New', version: 2, permissions: ['orders:read'] });
    expect(codesOf(await change({ name: 'Late', expectedVersion: 1 }))).toEqual([
      'input.expectedVersion STALE_VERSION',
    ]);
    expect(await authenticate(token)).toMatchObject({ allowedAddresses: ['203.0.113.0/24'] });
  });
});

describe('appTokenAuthenticate', () => {
  it.each([admin, member, customer, visitor])('is refused to a caller that is no service', async (caller) => {
    const { errors } = await tenant.ask(caller(freshTenantId()), AUTHENTICATE, { hash: '0'.repeat(64) });
    expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
  });

  it('is null for a hash of nobody’s, a revoked token, and one that is over', async () => {
    const id = await makeStore();
    const [revoked, over] = [await create(admin(id)), await create(admin(id))];
    await tenant.ask(admin(id), REVOKE, { id: revoked.appToken.id });
    const past = `UPDATE app_tokens SET expires_at = now() - interval '1 second' WHERE tenant_id = $1 AND id = $2`;
    await asOwner(tenant.ownerUrl, id, past, [id, over.appToken.id]);
    for (const { token } of [revoked, over]) expect(await authenticate(token)).toBeNull();
    expect((await tenant.ask(NOBODY, AUTHENTICATE, { hash: '0'.repeat(64) })).data.appTokenAuthenticate).toBeNull();
  });

  it('says whose it is and what it may do, and notes its use once a minute', async () => {
    const id = await makeStore();
    const { appToken, token } = await create(admin(id));
    const expected = {
      id: appToken.id,
      tenantId: id,
      kind: 'PRIVATE',
      permissions: ['orders:read'],
      allowedAddresses: [],
    };
    expect(await authenticate(token)).toEqual(expected);
    const used = async () => (await tenant.ask(admin(id), LIST)).data.appTokens.nodes[0].lastUsedAt;
    const first = await used();
    expect(first).not.toBeNull();
    await authenticate(token);
    expect(await used()).toBe(first);
  });
});
