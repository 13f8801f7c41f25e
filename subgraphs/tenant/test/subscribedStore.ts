import { admin } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { startOwnSubgraph, type TenantSubgraphUnderTest } from './startTestSubgraph';
import { startWebhookReceiver, type WebhookReceiver } from './webhookReceiver';
import { openStore, subscribe } from './webhookSubscriptions';

const DELIVERIES = `query ($where: EventDeliveryFilter) { eventDeliveries(where: $where) { totalCount nodes {
  id subscription { id status } eventId topic payload status attempts nextAttemptAt responseStatus responseExcerpt error deliveredAt } } }`;
const SUBSCRIPTION = `query ($id: ID!) { webhookSubscription(id: $id) { status disabledReason failingSince } }`;

/** Makes the next attempt of each pending delivery due. */
export const MAKE_DUE = `UPDATE event_deliveries SET due_at = now() WHERE status = 'PENDING'`;

/** A tenant subgraph that may post webhooks to servers on this machine. */
export const startWithLocalWebhooks = (): Promise<TenantSubgraphUnderTest> =>
  startOwnSubgraph({ WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32' });

/** Starts a webhook receiver for each test of the file. */
export function receiverOfEach(): () => WebhookReceiver {
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    receiver = await startWebhookReceiver();
  });
  afterEach(() => receiver.close());
  return () => receiver;
}

/** A new store with a subscription of these topics to the receiver. */
export async function openSubscribedStore(
  tenant: TenantSubgraphUnderTest,
  { url }: WebhookReceiver,
  topics = ['ORDER_CONFIRMED'],
) {
  const id = await openStore(tenant);
  const { webhookSubscription, secret } = await subscribe(tenant, id, `${url}/hook`, topics);
  const deliveries = async (where: object = {}) =>
    (await tenant.ask(admin(id), DELIVERIES, { where })).data.eventDeliveries.nodes;
  const statuses = async () => (await deliveries()).map(({ status }: { status: string }) => status);
  const change = (sql: string) => asOwner(tenant.ownerUrl, id, sql);
  const subscription = async () =>
    (await tenant.ask(admin(id), SUBSCRIPTION, { id: webhookSubscription.id })).data.webhookSubscription;
  return { id, subscriptionId: webhookSubscription.id as string, secret, deliveries, statuses, change, subscription };
}
