import { admin } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { confirmed, deliveredEvent, eventually } from '../../shared/test/eventHarness';
import { metricValue } from '../../shared/test/metricValue';
import type { TenantSubgraphUnderTest } from '../test/startTestSubgraph';
import { MAKE_DUE, openSubscribedStore, receiverOfEach, startWithLocalWebhooks } from '../test/subscribedStore';
import { startWebhookReceiver } from '../test/webhookReceiver';
import { postEvent, subscribe } from '../test/webhookSubscriptions';

const RETRY = `mutation ($id: ID!) { eventDeliveryRetry(id: $id) { eventDelivery { id status } userErrors { field code } } }`;
const UPDATE = `mutation ($id: ID!, $input: WebhookSubscriptionUpdateInput!) { webhookSubscriptionUpdate(id: $id, input: $input) {
  webhookSubscription { status disabledReason failingSince } userErrors { code } } }`;

let tenant: TenantSubgraphUnderTest;
const receiverOf = receiverOfEach();

beforeAll(async () => {
  tenant = await startWithLocalWebhooks();
});
afterAll(() => tenant?.close());

it('a failed delivery is retried byte for byte, and failingSince is null once it succeeds', async () => {
  const store = await openSubscribedStore(tenant, receiverOf());
  receiverOf().status = 500;
  await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () =>
    expect((await store.deliveries())[0]).toMatchObject({ attempts: 1, responseStatus: 500 }),
  );
  const [delivery] = await store.deliveries();
  expect(delivery).toMatchObject({ status: 'PENDING', error: 'It answered 500.', responseExcerpt: 'answer 500' });
  expect(Date.parse(delivery.nextAttemptAt) - Date.now()).toBeLessThan(6_000);
  expect((await store.subscription()).failingSince).not.toBeNull();
  const metrics = async () => (await fetch(new URL('/metrics', tenant.url))).text();
  const failing = await metrics();
  expect(metricValue(failing, 'webhook_attempts_total', { outcome: 'failed' })).toBeGreaterThan(0);
  for (const gauge of ['pending', 'failing'])
    expect(metricValue(failing, `webhook_deliveries_${gauge}`)).toBeGreaterThan(0);
  receiverOf().status = 204;
  await store.change(MAKE_DUE);
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
  const [first, second] = receiverOf().received;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect((await store.subscription()).failingSince).toBeNull();
  expect(metricValue(await metrics(), 'webhook_attempts_total', { outcome: 'delivered' })).toBeGreaterThan(0);
});

it('has FAILED after ten attempts, and is tried once more by eventDeliveryRetry', async () => {
  const store = await openSubscribedStore(tenant, receiverOf());
  receiverOf().status = 503;
  await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () => expect((await store.deliveries())[0].attempts).toBe(1));
  await store.change(`UPDATE event_deliveries SET attempts = 9, due_at = now()`);
  await eventually(async () => expect(await store.statuses()).toEqual(['FAILED']));
  const [{ id, attempts }] = await store.deliveries();
  expect(attempts).toBe(10);
  const retry = async () => (await tenant.ask(admin(store.id), RETRY, { id })).data.eventDeliveryRetry;
  expect(await retry()).toEqual({ eventDelivery: { id, status: 'PENDING' }, userErrors: [] });
  await eventually(async () => expect((await store.deliveries())[0]).toMatchObject({ status: 'FAILED', attempts: 11 }));
  receiverOf().status = 200;
  await retry();
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
  // A delivered one can be sent again, too: the receiver may have lost it.
  const before = receiverOf().received.length;
  await retry();
  await eventually(async () => expect(receiverOf().received).toHaveLength(before + 1));
  expect(new Set(receiverOf().received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

it('a delivery of another store is NOT_FOUND, and is not sent', async () => {
  const [mine, theirs] = [
    await openSubscribedStore(tenant, receiverOf()),
    await openSubscribedStore(tenant, receiverOf()),
  ];
  await postEvent(tenant, deliveredEvent(theirs.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () => expect(await theirs.statuses()).toEqual(['DELIVERED']));
  const [{ id }] = await theirs.deliveries();
  const { data } = await tenant.ask(admin(mine.id), RETRY, { id });
  expect(data.eventDeliveryRetry).toEqual({ eventDelivery: null, userErrors: [{ field: ['id'], code: 'NOT_FOUND' }] });
  expect(await theirs.statuses()).toEqual(['DELIVERED']);
});

it('a paused subscription is sent nothing, and its failed deliveries can be retried once it is resumed', async () => {
  const store = await openSubscribedStore(tenant, receiverOf());
  receiverOf().status = 500;
  await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () => expect((await store.deliveries())[0].attempts).toBe(1));
  const update = (input: object) => tenant.ask(admin(store.id), UPDATE, { id: store.subscriptionId, input });
  await update({ status: 'PAUSED' });
  await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_2', 1, 'prod_1')));
  expect(await store.statuses()).toEqual(['FAILED']);
  const [{ id }] = await store.deliveries();
  const refused = await tenant.ask(admin(store.id), RETRY, { id });
  expect(refused.data.eventDeliveryRetry.userErrors).toEqual([{ field: ['id'], code: 'INVALID_TRANSITION' }]);
  await update({ status: 'ACTIVE' });
  receiverOf().status = 200;
  await tenant.ask(admin(store.id), RETRY, { id });
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
});

describe('a subscription is disabled', () => {
  it.each([
    ['whose every attempt has failed for three days', 500, 'FAILING'],
    ['whose address answers 410 Gone', 410, 'GONE'],
  ])('%s, and another of the store receives TENANT_WEBHOOK_DISABLED', async (_which, status, reason) => {
    const store = await openSubscribedStore(tenant, receiverOf());
    const second = await startWebhookReceiver();
    const watcher = await subscribe(tenant, store.id, `${second.url}/watch`, ['TENANT_WEBHOOK_DISABLED']);
    receiverOf().status = status;
    await store.change(`UPDATE webhook_subscriptions SET failing_since = now() - interval '73 hours'
      WHERE id = '${store.subscriptionId}'`);
    if (reason === 'GONE') await store.change('UPDATE webhook_subscriptions SET failing_since = NULL');
    await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_1', 1, 'prod_1')));
    await eventually(async () => {
      expect(await store.subscription()).toMatchObject({ status: 'DISABLED', disabledReason: reason });
    });
    expect(await store.statuses()).toEqual(['FAILED']);
    await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_2', 1, 'prod_1')));
    expect(await store.deliveries({ topic: 'ORDER_CONFIRMED' })).toHaveLength(1);

    const [event] = await asOwner<{ type: string; data: object }>(
      tenant.ownerUrl,
      store.id,
      `SELECT type, data FROM outbox_events WHERE aggregate_type = 'webhook'`,
    );
    const data = { url: `${receiverOf().url}/hook`, reason };
    expect(event).toEqual({ type: 'tenant.webhook.disabled', data });
    const disabled = { type: 'tenant.webhook.disabled', aggregateId: store.subscriptionId, aggregateVersion: 2, data };
    await postEvent(tenant, deliveredEvent(store.id, disabled as never, { aggregateType: 'webhook' }), 'tenant');
    await eventually(async () => expect(second.verified(watcher.secret)).toMatchObject([{ data }]));

    const input = { status: 'ACTIVE' };
    const { data: resumed } = await tenant.ask(admin(store.id), UPDATE, { id: store.subscriptionId, input });
    expect(resumed.webhookSubscriptionUpdate.webhookSubscription).toEqual({
      status: 'ACTIVE',
      disabledReason: null,
      failingSince: null,
    });
    await second.close();
  });

  it('not if some attempts succeed', async () => {
    const store = await openSubscribedStore(tenant, receiverOf());
    await store.change(`UPDATE webhook_subscriptions SET failing_since = now() - interval '80 hours'`);
    await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_1', 1, 'prod_1')));
    await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
    receiverOf().status = 500;
    await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_2', 1, 'prod_1')));
    await eventually(async () => expect((await store.deliveries({ status: 'PENDING' }))[0].attempts).toBe(1));
    expect(await store.subscription()).toMatchObject({ status: 'ACTIVE' });
  });
});
