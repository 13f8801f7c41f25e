import { eraseRows } from '../../shared/lifecycle/eraseRows';
import { exportRows } from '../../shared/lifecycle/exportRows';
import { confirmed, deliveredEvent, eventually } from '../../shared/test/eventHarness';
import { openTenantDatabase } from '../database';
import { RETAINED_TABLES } from '../lifecycle/erasure';
import type { TenantSubgraphUnderTest } from '../test/startTestSubgraph';
import { openSubscribedStore, receiverOfEach, startWithLocalWebhooks } from '../test/subscribedStore';
import { postEvent } from '../test/webhookSubscriptions';
import { pruneDeliveries } from './deliveryPruning';

let tenant: TenantSubgraphUnderTest;
const receiverOf = receiverOfEach();

beforeAll(async () => {
  tenant = await startWithLocalWebhooks();
});
afterAll(() => tenant?.close());

it('pruning deletes deliveries older than 30 days, but none that are pending', async () => {
  const store = await openSubscribedStore(tenant, receiverOf());
  const { db, close } = await openTenantDatabase(tenant.appUrl, 2);
  for (const order of ['ord_old', 'ord_new'])
    await postEvent(tenant, deliveredEvent(store.id, confirmed(order, 1, 'prod_1')));
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED', 'DELIVERED']));
  await store.change(
    `UPDATE event_deliveries SET created_at = now() - interval '31 days' WHERE id = (SELECT min(id) FROM event_deliveries)`,
  );
  expect(await pruneDeliveries(db)).toBe(1);
  expect(await store.deliveries()).toHaveLength(1);
  await close();
});

it('the export of a store has its webhooks without their secrets, and its erasure deletes them', async () => {
  const store = await openSubscribedStore(tenant, receiverOf());
  await postEvent(tenant, deliveredEvent(store.id, confirmed('ord_1', 1, 'prod_1')));
  await eventually(async () => expect(await store.statuses()).toEqual(['DELIVERED']));
  const { inTransaction, close } = await openTenantDatabase(tenant.appUrl, 2);
  let lines = '';
  const exported = await exportRows(inTransaction, 'tenant', store.id, async (more) => {
    lines += more;
  });
  expect(exported).toMatchObject({ webhook_subscriptions: 1, event_deliveries: 1 });
  expect(lines).toContain(store.subscriptionId);
  expect(lines).not.toContain(store.secret.slice('whsec_'.length));
  const erased = await eraseRows(inTransaction, store.id, RETAINED_TABLES);
  expect(erased).toMatchObject({ webhook_subscriptions: 1, event_deliveries: 1 });
  expect(await store.change('SELECT id FROM event_deliveries')).toEqual([]);
  await close();
});
