import { createLogger } from '../../shared/log';
import { admin } from '../../shared/test/askSubgraph';
import { confirmed, deliveredEvent, eventually } from '../../shared/test/eventHarness';
import { addressGuard } from '../../shared/webhooks/publicAddress';
import { createSecretBox } from '../../shared/webhooks/secretBox';
import { openTenantDatabase } from '../database';
import type { TenantSubgraphUnderTest } from '../test/startTestSubgraph';
import { MAKE_DUE, openSubscribedStore, receiverOfEach, startWithLocalWebhooks } from '../test/subscribedStore';
import { postEvent, subscribe } from '../test/webhookSubscriptions';
import { deliverDue } from './webhookDeliveries';
import { createWebhookSender } from './webhookSender';

let tenant: TenantSubgraphUnderTest;
const receiverOf = receiverOfEach();

beforeAll(async () => {
  tenant = await startWithLocalWebhooks();
});
afterAll(() => tenant?.close());

it('posts the events of a subscription’s topics and of its own store, signed, with the event’s id', async () => {
  const store = await openSubscribedStore(tenant, receiverOf());
  const other = await openSubscribedStore(tenant, receiverOf());
  const event = deliveredEvent(store.id, confirmed('ord_1', 3, 'prod_1'), {
    previousVersion: 2,
    traceParent: 'secret',
  });
  await postEvent(tenant, { ...event, previousVersion: null });
  await postEvent(
    tenant,
    deliveredEvent(store.id, { ...confirmed('ord_2', 1, 'prod_1'), type: 'order.canceled' } as never),
  );
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
  expect(receiverOf().verified(store.secret)).toEqual([
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
  expect(receiverOf().received[0]?.headers).toMatchObject({
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
    payload: receiverOf().received[0]?.body,
  });
  expect(await other.deliveries()).toEqual([]);
});

it('posts an event to each subscription once, however often it is received', async () => {
  const store = await openSubscribedStore(tenant, receiverOf());
  await subscribe(tenant, store.id, `${receiverOf().url}/second`, ['ORDER_CONFIRMED']);
  const event = deliveredEvent(store.id, confirmed('ord_1', 1, 'prod_1'));
  await Promise.all(Array.from({ length: 10 }, () => postEvent(tenant, event)));
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED', 'DELIVERED']));
  expect(
    receiverOf()
      .received.map(({ path }) => path)
      .sort(),
  ).toEqual(['/hook', '/second']);
});

it('a replay of an event that is older than the log posts nothing', async () => {
  const store = await openSubscribedStore(tenant, receiverOf());
  const time = new Date(Date.now() - 31 * 86_400_000).toISOString();
  await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_1', 1, 'prod_1'), { time }));
  expect(await store.deliveries()).toEqual([]);
});

it('signs with both secrets during a rotation, and afterwards only with the new one', async () => {
  const store = await openSubscribedStore(tenant, receiverOf());
  const rotate = `mutation { webhookSubscriptionRotateSecret(id: "${store.subscriptionId}") { secret } }`;
  const { secret } = (await tenant.ask(admin(store.id), rotate)).data.webhookSubscriptionRotateSecret;
  await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () => expect(receiverOf().received).toHaveLength(1));
  for (const one of [store.secret, secret]) expect(receiverOf().verified(one)).toHaveLength(1);
  await store.change('UPDATE webhook_subscriptions SET previous_secret_expires_at = now()');
  receiverOf().received.length = 0;
  await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_2', 1, 'prod_1')));
  await eventually(async () => expect(receiverOf().received).toHaveLength(1));
  expect(receiverOf().verified(secret)).toHaveLength(1);
  expect(() => receiverOf().verified(store.secret)).toThrow();
});

describe('several processes', () => {
  it('send each delivery once, and when one is killed another sends its deliveries after the lease', async () => {
    const store = await openSubscribedStore(tenant, receiverOf());
    const { db, close } = await openTenantDatabase(tenant.appUrl, 4);
    const [one, two] = [0, 1].map(() => ({
      db,
      sender: createWebhookSender(addressGuard('all')),
      secrets: createSecretBox([tenant.env.CALLER_SIGNING_KEY ?? '']),
      logger: createLogger('test', 'silent'),
    }));
    if (!one || !two) return;
    for (let order = 0; order < 30; order += 1) {
      await postEvent(tenant, deliveredEvent(store.id, confirmed(`ord_${order}`, 1, 'prod_1')));
    }
    const subscription = { tenantId: store.id, subscriptionId: store.subscriptionId };
    await Promise.all([deliverDue(one, subscription), deliverDue(two, subscription)]);
    await eventually(async () => expect(new Set(await store.statuses())).toEqual(new Set(['DELIVERED'])));
    expect(receiverOf().received).toHaveLength(30);
    expect(new Set(receiverOf().received.map(({ headers }) => headers['webhook-id'])).size).toBe(30);

    // As if a process had been killed during an attempt: when its lease expires, another one retries.
    await store.change(`UPDATE event_deliveries SET status = 'PENDING', delivered_at = NULL, attempts = 1,
      due_at = now() + interval '60 s' WHERE id = (SELECT min(id) FROM event_deliveries)`);
    await deliverDue(one, subscription);
    expect(receiverOf().received).toHaveLength(30);
    await store.change(MAKE_DUE);
    await eventually(async () => expect(receiverOf().received).toHaveLength(31));
    for (const { sender } of [one, two]) await sender.close();
    await close();
  });
});
