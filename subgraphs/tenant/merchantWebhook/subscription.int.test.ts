import { admin, customer, freshTenantId, member, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';
import { openStore, subscribe } from '../test/webhookSubscriptions';

const LIST = '{ webhookSubscriptions { totalCount nodes { id url topics status version } } }';
const ONE = 'query ($id: ID!) { webhookSubscription(id: $id) { id url } }';
const UPDATE = `mutation ($id: ID!, $input: WebhookSubscriptionUpdateInput!) { webhookSubscriptionUpdate(id: $id, input: $input) {
  webhookSubscription { id url topics status version } userErrors { field code } } }`;
const DELETE = `mutation ($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field code } } }`;
const ROTATE = `mutation ($id: ID!) { webhookSubscriptionRotateSecret(id: $id) {
  webhookSubscription { previousSecretExpiresAt } secret userErrors { field code } } }`;
const URL = 'https://shop.example.com/hooks';

let tenant: TenantSubgraphUnderTest;
beforeAll(async () => {
  tenant = await startTestSubgraph();
});
afterAll(() => tenant?.close());

const rowsOf = (tenantId: string) =>
  asOwner<Record<string, unknown>>(
    tenant.ownerUrl,
    tenantId,
    'SELECT * FROM webhook_subscriptions WHERE tenant_id = $1 ORDER BY id',
    [tenantId],
  );

describe('webhook subscriptions', () => {
  it.each([
    ['visitor', visitor],
    ['customer', customer],
    ['member', member],
    ['service', service],
  ] as const)('are refused to a %s', async (_role, caller) => {
    const id = await openStore(tenant);
    await subscribe(tenant, id, URL, ['ORDER_CONFIRMED']);
    const [before] = await rowsOf(id);
    for (const query of [LIST, '{ eventDeliveries { totalCount } }']) {
      expect((await tenant.ask(caller(id), query)).errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
    for (const mutation of [DELETE, ROTATE]) {
      const { errors } = await tenant.ask(caller(id), mutation, { id: before?.id });
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
    expect(await rowsOf(id)).toEqual([before]);
  });

  it('can’t be made or changed during impersonation', async () => {
    const id = await openStore(tenant);
    const { webhookSubscription } = await subscribe(tenant, id, URL, ['ORDER_CONFIRMED']);
    const impersonator = { ...admin(id), impersonatorId: 'user_support' };
    const input = { url: 'https://elsewhere.example.com/' };
    const answer = await tenant.ask(impersonator, UPDATE, { id: webhookSubscription.id, input });
    expect(answer.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect((await tenant.ask(impersonator, LIST)).data.webhookSubscriptions.totalCount).toBe(1);
  });

  it.each([
    ['no address', { url: 'shop' }, 'url'],
    ['an address without TLS in production, or another protocol', { url: 'ftp://shop.example.com/' }, 'url'],
    ['an address of this machine', { url: 'http://127.0.0.1:3001/graphql' }, 'url'],
    ['an address of a cloud’s metadata', { url: 'http://169.254.169.254/latest/meta-data' }, 'url'],
    ['no topic', { topics: [] }, 'topics'],
  ])('are INVALID with %s', async (_what, input, field) => {
    const id = await openStore(tenant);
    const given = { url: URL, topics: ['ORDER_CONFIRMED'], ...input };
    const created = await subscribe(tenant, id, given.url, given.topics);
    expect(created).toMatchObject({ webhookSubscription: null, secret: null });
    expect(created.userErrors).toMatchObject([{ field: ['input', field], code: 'INVALID' }]);
    const known = await subscribe(tenant, id, URL, ['ORDER_CONFIRMED']);
    const updated = await tenant.ask(admin(id), UPDATE, { id: known.webhookSubscription.id, input });
    expect(updated.data.webhookSubscriptionUpdate.userErrors).toEqual([{ field: ['input', field], code: 'INVALID' }]);
    expect(await rowsOf(id)).toMatchObject([{ url: URL, topics: ['order.confirmed'], version: 1 }]);
  });

  it('are NOT_FOUND in another store, as if there were none', async () => {
    const [mine, theirs] = [await openStore(tenant), await openStore(tenant)];
    const { webhookSubscription } = await subscribe(tenant, theirs, URL, ['ORDER_CONFIRMED']);
    const before = await rowsOf(theirs);
    for (const id of [webhookSubscription.id, 'whk_nobodys']) {
      expect((await tenant.ask(admin(mine), ONE, { id })).data).toEqual({ webhookSubscription: null });
      const asked = [
        await tenant.ask(admin(mine), UPDATE, { id, input: { status: 'PAUSED' } }),
        await tenant.ask(admin(mine), DELETE, { id }),
        await tenant.ask(admin(mine), ROTATE, { id }),
      ];
      for (const { data } of asked) {
        expect(Object.values(data)).toMatchObject([{ userErrors: [{ field: ['id'], code: 'NOT_FOUND' }] }]);
      }
    }
    expect(await rowsOf(theirs)).toEqual(before);
  });

  it('show their secret once, and store it encrypted', async () => {
    const id = await openStore(tenant);
    const { webhookSubscription, secret } = await subscribe(tenant, id, URL, ['ORDER_CONFIRMED', 'PRODUCT_DELETED']);
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    expect(webhookSubscription).toMatchObject({ url: URL, status: 'ACTIVE', version: 1 });
    const { data } = await tenant.ask(admin(id), LIST);
    expect(data.webhookSubscriptions).toEqual({ totalCount: 1, nodes: [webhookSubscription] });
    expect(JSON.stringify([data, await rowsOf(id)])).not.toContain(secret.slice('whsec_'.length));
  });

  it('get a new secret by rotation, and the previous one signs for another day', async () => {
    const id = await openStore(tenant);
    const { webhookSubscription, secret } = await subscribe(tenant, id, URL, ['ORDER_CONFIRMED']);
    const { data } = await tenant.ask(admin(id), ROTATE, { id: webhookSubscription.id });
    const rotated = data.webhookSubscriptionRotateSecret;
    expect(rotated.secret).toMatch(/^whsec_/);
    expect(rotated.secret).not.toBe(secret);
    const hours = (Date.parse(rotated.webhookSubscription.previousSecretExpiresAt) - Date.now()) / 3_600_000;
    expect(Math.round(hours)).toBe(24);
  });

  it('change the given fields only, and only at the version that the client has read', async () => {
    const id = await openStore(tenant);
    const { webhookSubscription: made } = await subscribe(tenant, id, URL, ['ORDER_CONFIRMED']);
    const update = async (input: object) =>
      (await tenant.ask(admin(id), UPDATE, { id: made.id, input })).data.webhookSubscriptionUpdate;
    const paused = await update({ status: 'PAUSED', expectedVersion: 1 });
    expect(paused).toEqual({ webhookSubscription: { ...made, status: 'PAUSED', version: 2 }, userErrors: [] });
    const stale = await update({ topics: ['PRODUCT_CREATED'], expectedVersion: 1 });
    expect(stale.userErrors).toEqual([{ field: ['input', 'expectedVersion'], code: 'STALE_VERSION' }]);
    expect(stale.webhookSubscription).toEqual(paused.webhookSubscription);
    const nulled = await update({ url: null });
    expect(nulled.userErrors).toEqual([{ field: ['input', 'url'], code: 'REQUIRED' }]);
    const disabled = await update({ status: 'DISABLED' });
    expect(disabled.userErrors).toEqual([{ field: ['input', 'status'], code: 'INVALID' }]);
    const resumed = await update({ topics: ['PRODUCT_CREATED'], status: 'ACTIVE' });
    expect(resumed.webhookSubscription).toMatchObject({ topics: ['PRODUCT_CREATED'], status: 'ACTIVE', version: 3 });
  });

  it('are at most 20 in a store, however many are created concurrently', async () => {
    const id = await openStore(tenant);
    const answers = await Promise.all(Array.from({ length: 26 }, () => subscribe(tenant, id, URL, ['ORDER_CREATED'])));
    const refused = answers.filter(({ userErrors }) => userErrors.length > 0);
    expect(refused).toHaveLength(6);
    expect(refused[0].userErrors).toMatchObject([{ field: [], code: 'LIMIT_REACHED' }]);
    expect(await rowsOf(id)).toHaveLength(20);
    await tenant.ask(admin(id), DELETE, { id: answers.find(({ secret }) => secret).webhookSubscription.id });
    expect((await subscribe(tenant, id, URL, ['ORDER_CREATED'])).userErrors).toEqual([]);
  });

  it('are none of a store that does not exist', async () => {
    const id = freshTenantId();
    expect((await tenant.ask(admin(id), LIST)).data.webhookSubscriptions.nodes).toEqual([]);
  });
});
