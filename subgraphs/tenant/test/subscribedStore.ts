import { admin } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { startTestSubgraph, type TenantSubgraphUnderTest } from './startTestSubgraph';
import { startWebhookReceiver, type WebhookReceiver } from './webhookReceiver';
import { openStore, subscribe } from './webhookSubscriptions';

const DELIVERIES = `query ($where: EventDeliveryWhereInput) { eventDeliveries(where: $where) { totalCount nodes {
  id subscription { id status } eventId topic payload status attempts nextAttemptAt responseStatus responseExcerpt error deliveredAt } } }`;
const SUBSCRIPTION = `query ($id: ID!) { webhookSubscription(id: $id) { status disabledReason failingSince } }`;

/** Its next attempt is now. */
export const DUE = `UPDATE event_deliveries SET due_at = now() WHERE status = 'PENDING'`;

/** A tenant subgraph that may tell servers of this machine of events. */
export const startTelling = (): Promise<TenantSubgraphUnderTest> =>
  startTestSubgraph(undefined, { WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32' });

/** Each test of the file has a server of a store's own. */
export function receiverOfEach(): () => WebhookReceiver {
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    receiver = await startWebhookReceiver();
  });
  afterEach(() => receiver.close());
  return () => receiver;
}

/** A new store whose server is told of these topics, and what its log says of that. */
export async function openSubscribed(
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
  const standing = async () =>
    (await tenant.ask(admin(id), SUBSCRIPTION, { id: webhookSubscription.id })).data.webhookSubscription;
  return { id, subscriptionId: webhookSubscription.id as string, secret, deliveries, statuses, change, standing };
}
