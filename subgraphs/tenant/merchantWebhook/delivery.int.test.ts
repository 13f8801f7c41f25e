import { eraseRows } from '../../shared/lifecycle/eraseRows';
import { exportRows } from '../../shared/lifecycle/exportRows';
import { createLogger } from '../../shared/log';
import { admin } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { confirmed, eventually, told } from '../../shared/test/eventHarness';
import { openTenantDatabase } from '../database';
import { KEPT_TABLES } from '../lifecycle/erasure';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';
import { startWebhookReceiver, type WebhookReceiver } from '../test/webhookReceiver';
import { openStore, subscribe, tell } from '../test/webhookSubscriptions';
import { pruneDeliveries } from './deliveryPruning';
import { addressGuard } from './publicAddress';
import { createSecretBox } from './secretBox';
import { deliverDue } from './webhookDeliveries';
import { createWebhookSender } from './webhookSender';

const DELIVERIES = `query ($where: EventDeliveryWhereInput) { eventDeliveries(where: $where) { totalCount nodes {
  id subscription { id status } eventId topic payload status attempts nextAttemptAt responseStatus responseExcerpt error deliveredAt } } }`;
const RETRY = `mutation ($id: ID!) { eventDeliveryRetry(id: $id) { eventDelivery { id status } userErrors { field code } } }`;
const UPDATE = `mutation ($id: ID!, $input: WebhookSubscriptionUpdateInput!) { webhookSubscriptionUpdate(id: $id, input: $input) {
  webhookSubscription { status disabledReason failingSince } userErrors { code } } }`;
const SUBSCRIPTION = `query ($id: ID!) { webhookSubscription(id: $id) { status disabledReason failingSince } }`;

let tenant: TenantSubgraphUnderTest;
let receiver: WebhookReceiver;

beforeAll(async () => {
  tenant = await startTestSubgraph(undefined, { WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32' });
});
afterAll(() => tenant.close());
beforeEach(async () => {
  receiver = await startWebhookReceiver();
});
afterEach(() => receiver.close());

async function openSubscribed(topics = ['ORDER_CONFIRMED']) {
  const id = await openStore(tenant);
  const { webhookSubscription, secret } = await subscribe(tenant, id, `${receiver.url}/hook`, topics);
  const deliveries = async (where: object = {}) =>
    (await tenant.ask(admin(id), DELIVERIES, { where })).data.eventDeliveries.nodes;
  const statuses = async () => (await deliveries()).map(({ status }: { status: string }) => status);
  const change = (sql: string) => asOwner(tenant.ownerUrl, id, sql);
  const standing = async () =>
    (await tenant.ask(admin(id), SUBSCRIPTION, { id: webhookSubscription.id })).data.webhookSubscription;
  return { id, subscriptionId: webhookSubscription.id as string, secret, deliveries, statuses, change, standing };
}

/** Its next attempt is now. */
const DUE = `UPDATE event_deliveries SET due_at = now() WHERE status = 'PENDING'`;

it('tells a subscription of its topics and of its own store’s events, signed, under the event’s id', async () => {
  const store = await openSubscribed();
  const other = await openSubscribed();
  const event = told(store.id, confirmed('ord_1', 3, 'prod_1'), { previousVersion: 2, traceParent: 'secret' });
  await tell(tenant, { ...event, previousVersion: null });
  await tell(tenant, told(store.id, { ...confirmed('ord_2', 1, 'prod_1'), type: 'order.canceled' } as never));
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
  expect(receiver.verified(store.secret)).toEqual([
    {
      id: event.id,
      type: 'order.confirmed',
      source: '/subgraphs/order',
      specversion: '1.0',
      subject: 'ord_1',
      time: event.time,
      datacontenttype: 'application/json',
      tenantid: store.id,
      aggregatetype: 'order',
      aggregateversion: '3',
      dataversion: 1,
      data: event.data,
    },
  ]);
  expect(receiver.received[0]?.headers).toMatchObject({
    'webhook-id': event.id,
    'content-type': 'application/json',
  });
  const [delivery] = await store.deliveries({ topic: 'ORDER_CONFIRMED', subscriptionId: store.subscriptionId });
  expect(delivery).toMatchObject({
    eventId: event.id,
    attempts: 1,
    responseStatus: 200,
    responseExcerpt: 'answer 200',
    error: null,
    nextAttemptAt: null,
    payload: receiver.received[0]?.body,
  });
  expect(await other.deliveries()).toEqual([]);
});

it('tells each subscription once, however often the event comes', async () => {
  const store = await openSubscribed();
  await subscribe(tenant, store.id, `${receiver.url}/second`, ['ORDER_CONFIRMED']);
  const event = told(store.id, confirmed('ord_1', 1, 'prod_1'));
  await Promise.all(Array.from({ length: 10 }, () => tell(tenant, event)));
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED', 'DELIVERED']));
  expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/hook', '/second']);
});

it('a replay of what the log has forgotten tells nobody', async () => {
  const store = await openSubscribed();
  const time = new Date(Date.now() - 31 * 86_400_000).toISOString();
  await tell(tenant, told(store.id, confirmed('ord_1', 1, 'prod_1'), { time }));
  expect(await store.deliveries()).toEqual([]);
});

it('signs with both secrets while one is being changed, and then with the new one alone', async () => {
  const store = await openSubscribed();
  const rotate = `mutation { webhookSubscriptionRotateSecret(id: "${store.subscriptionId}") { secret } }`;
  const { secret } = (await tenant.ask(admin(store.id), rotate)).data.webhookSubscriptionRotateSecret;
  await tell(tenant, told(store.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () => expect(receiver.received).toHaveLength(1));
  for (const one of [store.secret, secret]) expect(receiver.verified(one)).toHaveLength(1);
  await store.change('UPDATE webhook_subscriptions SET previous_secret_expires_at = now()');
  receiver.received.length = 0;
  await tell(tenant, told(store.id, confirmed('ord_2', 1, 'prod_1')));
  await eventually(async () => expect(receiver.received).toHaveLength(1));
  expect(receiver.verified(secret)).toHaveLength(1);
  expect(() => receiver.verified(store.secret)).toThrow();
});

it('tries again what was not taken, the same to the byte, and forgets that it failed when it is', async () => {
  const store = await openSubscribed();
  receiver.status = 500;
  await tell(tenant, told(store.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () =>
    expect((await store.deliveries())[0]).toMatchObject({ attempts: 1, responseStatus: 500 }),
  );
  const [delivery] = await store.deliveries();
  expect(delivery).toMatchObject({ status: 'PENDING', error: 'It answered 500.', responseExcerpt: 'answer 500' });
  expect(Date.parse(delivery.nextAttemptAt) - Date.now()).toBeLessThan(6_000);
  expect((await store.standing()).failingSince).not.toBeNull();
  receiver.status = 204;
  await store.change(DUE);
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
  const [first, second] = receiver.received;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect((await store.standing()).failingSince).toBeNull();
});

it('has FAILED after ten attempts, and is tried once more by hand', async () => {
  const store = await openSubscribed();
  receiver.status = 503;
  await tell(tenant, told(store.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () => expect((await store.deliveries())[0].attempts).toBe(1));
  await store.change(`UPDATE event_deliveries SET attempts = 9, due_at = now()`);
  await eventually(async () => expect(await store.statuses()).toEqual(['FAILED']));
  const [{ id, attempts }] = await store.deliveries();
  expect(attempts).toBe(10);
  const retry = async () => (await tenant.ask(admin(store.id), RETRY, { id })).data.eventDeliveryRetry;
  expect(await retry()).toEqual({ eventDelivery: { id, status: 'PENDING' }, userErrors: [] });
  await eventually(async () => expect((await store.deliveries())[0]).toMatchObject({ status: 'FAILED', attempts: 11 }));
  receiver.status = 200;
  await retry();
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
  // What was taken can be sent again, too: the receiver may have lost it.
  const before = receiver.received.length;
  await retry();
  await eventually(async () => expect(receiver.received).toHaveLength(before + 1));
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

it('a delivery of another store is NOT_FOUND, and is not sent', async () => {
  const [mine, theirs] = [await openSubscribed(), await openSubscribed()];
  await tell(tenant, told(theirs.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () => expect(await theirs.statuses()).toEqual(['DELIVERED']));
  const [{ id }] = await theirs.deliveries();
  const { data } = await tenant.ask(admin(mine.id), RETRY, { id });
  expect(data.eventDeliveryRetry).toEqual({ eventDelivery: null, userErrors: [{ field: ['id'], code: 'NOT_FOUND' }] });
  expect(await theirs.statuses()).toEqual(['DELIVERED']);
});

it('a paused subscription is told nothing, and what waited for it can be sent when it goes on', async () => {
  const store = await openSubscribed();
  receiver.status = 500;
  await tell(tenant, told(store.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () => expect((await store.deliveries())[0].attempts).toBe(1));
  const update = (input: object) => tenant.ask(admin(store.id), UPDATE, { id: store.subscriptionId, input });
  await update({ isActive: false });
  await tell(tenant, told(store.id, confirmed('ord_2', 1, 'prod_1')));
  expect(await store.statuses()).toEqual(['FAILED']);
  const [{ id }] = await store.deliveries();
  const refused = await tenant.ask(admin(store.id), RETRY, { id });
  expect(refused.data.eventDeliveryRetry.userErrors).toEqual([{ field: ['id'], code: 'INVALID_TRANSITION' }]);
  await update({ isActive: true });
  receiver.status = 200;
  await tenant.ask(admin(store.id), RETRY, { id });
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
});

describe('a subscription is disabled', () => {
  it.each([
    ['whose every attempt has failed for three days', 500, 'FAILING'],
    ['whose address says that it is gone', 410, 'GONE'],
  ])('%s, and another of the store is told so', async (_which, status, reason) => {
    const store = await openSubscribed();
    const second = await startWebhookReceiver();
    const watcher = await subscribe(tenant, store.id, `${second.url}/watch`, ['TENANT_WEBHOOK_DISABLED']);
    receiver.status = status;
    await store.change(`UPDATE webhook_subscriptions SET failing_since = now() - interval '73 hours'
      WHERE id = '${store.subscriptionId}'`);
    if (reason === 'GONE') await store.change('UPDATE webhook_subscriptions SET failing_since = NULL');
    await tell(tenant, told(store.id, confirmed('ord_1', 1, 'prod_1')));
    await eventually(async () => {
      expect(await store.standing()).toMatchObject({ status: 'DISABLED', disabledReason: reason });
    });
    expect(await store.statuses()).toEqual(['FAILED']);
    await tell(tenant, told(store.id, confirmed('ord_2', 1, 'prod_1')));
    expect(await store.deliveries({ topic: 'ORDER_CONFIRMED' })).toHaveLength(1);

    const [event] = await asOwner<{ type: string; data: object }>(
      tenant.ownerUrl,
      store.id,
      `SELECT type, data FROM outbox_events WHERE aggregate_type = 'webhook'`,
    );
    const data = { url: `${receiver.url}/hook`, reason };
    expect(event).toEqual({ type: 'tenant.webhook.disabled', data });
    const disabled = { type: 'tenant.webhook.disabled', aggregateId: store.subscriptionId, aggregateVersion: 2, data };
    await tell(tenant, told(store.id, disabled as never, { aggregateType: 'webhook' }), 'tenant');
    await eventually(async () => expect(second.verified(watcher.secret)).toMatchObject([{ data }]));

    const input = { isActive: true };
    const { data: resumed } = await tenant.ask(admin(store.id), UPDATE, { id: store.subscriptionId, input });
    expect(resumed.webhookSubscriptionUpdate.webhookSubscription).toEqual({
      status: 'ACTIVE',
      disabledReason: null,
      failingSince: null,
    });
    await second.close();
  });

  it('not while it takes now and then', async () => {
    const store = await openSubscribed();
    await store.change(`UPDATE webhook_subscriptions SET failing_since = now() - interval '80 hours'`);
    await tell(tenant, told(store.id, confirmed('ord_1', 1, 'prod_1')));
    await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
    receiver.status = 500;
    await tell(tenant, told(store.id, confirmed('ord_2', 1, 'prod_1')));
    await eventually(async () => expect((await store.deliveries({ status: 'PENDING' }))[0].attempts).toBe(1));
    expect(await store.standing()).toMatchObject({ status: 'ACTIVE' });
  });
});

describe('several processes', () => {
  it('send each delivery once, and one that is lost on the way leaves its deliveries to another', async () => {
    const store = await openSubscribed();
    const { db, close } = await openTenantDatabase(tenant.appUrl, 4);
    const [one, two] = [0, 1].map(() => ({
      db,
      sender: createWebhookSender(addressGuard('all')),
      secrets: createSecretBox([tenant.env.CALLER_SIGNING_KEY ?? '']),
      logger: createLogger('test', 'silent'),
    }));
    if (!one || !two) return;
    for (let order = 0; order < 30; order += 1) {
      await tell(tenant, told(store.id, confirmed(`ord_${order}`, 1, 'prod_1')));
    }
    const subscription = { tenantId: store.id, subscriptionId: store.subscriptionId };
    await Promise.all([deliverDue(one, subscription), deliverDue(two, subscription)]);
    await eventually(async () => expect(new Set(await store.statuses())).toEqual(new Set(['DELIVERED'])));
    expect(receiver.received).toHaveLength(30);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(30);

    // As a process that began an attempt and was killed: when its time is over, another tries.
    await store.change(`UPDATE event_deliveries SET status = 'PENDING', delivered_at = NULL, attempts = 1,
      due_at = now() + interval '60 s' WHERE id = (SELECT min(id) FROM event_deliveries)`);
    await deliverDue(one, subscription);
    expect(receiver.received).toHaveLength(30);
    await store.change(DUE);
    await eventually(async () => expect(receiver.received).toHaveLength(31));
    for (const { sender } of [one, two]) await sender.close();
    await close();
  });
});

it('the log forgets what is older than 30 days, and nothing that is still to be sent', async () => {
  const store = await openSubscribed();
  const { db, close } = await openTenantDatabase(tenant.appUrl, 2);
  for (const order of ['ord_old', 'ord_new']) await tell(tenant, told(store.id, confirmed(order, 1, 'prod_1')));
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED', 'DELIVERED']));
  await store.change(
    `UPDATE event_deliveries SET created_at = now() - interval '31 days' WHERE id = (SELECT min(id) FROM event_deliveries)`,
  );
  expect(await pruneDeliveries(db)).toBe(1);
  expect(await store.deliveries()).toHaveLength(1);
  await close();
});

it('the export of a store has its webhooks, without their secrets, and its erasure leaves none', async () => {
  const store = await openSubscribed();
  await tell(tenant, told(store.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
  const { inTransaction, close } = await openTenantDatabase(tenant.appUrl, 2);
  let lines = '';
  const exported = await exportRows(inTransaction, 'tenant', store.id, async (more) => {
    lines += more;
  });
  expect(exported).toMatchObject({ webhook_subscriptions: 1, event_deliveries: 1 });
  expect(lines).toContain(store.subscriptionId);
  expect(lines).not.toContain(store.secret.slice('whsec_'.length));
  const erased = await eraseRows(inTransaction, store.id, KEPT_TABLES);
  expect(erased).toMatchObject({ webhook_subscriptions: 1, event_deliveries: 1 });
  expect(await store.change('SELECT id FROM event_deliveries')).toEqual([]);
  await close();
});
