import { type Audience, signCaller } from '../../shared/caller';
import { type DomainEvent, EVENT_CONTENT_TYPE, writeEvent } from '../../shared/events/domainEvent';
import { createEventSigner, EVENT_SIGNATURE_HEADER } from '../../shared/events/eventSigner';
import { EVENTS_PATH } from '../../shared/events/httpPublisher';
import { admin, SIGNING_KEY, service } from '../../shared/test/askSubgraph';
import { deliver, deliveryOf, organizationCreated } from './delivery';
import type { TenantSubgraphUnderTest } from './startTestSubgraph';

/** A new store. @returns its id. */
export async function openStore(tenant: TenantSubgraphUnderTest): Promise<string> {
  const event = organizationCreated();
  const { status, text } = await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
  if (status !== 200) throw new Error(`${status} ${text}`);
  return event.data.id;
}

const CREATE = `mutation ($input: WebhookSubscriptionCreateInput!) { webhookSubscriptionCreate(input: $input) {
  webhookSubscription { id url topics status version } secret userErrors { field code message } } }`;

/** Calls webhookSubscriptionCreate as an admin. @returns its payload. */
export async function subscribe(tenant: TenantSubgraphUnderTest, tenantId: string, url: string, topics: string[]) {
  const { data, errors } = await tenant.ask(admin(tenantId), CREATE, { input: { url, topics } });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.webhookSubscriptionCreate;
}

/** Posts an event to the tenant subgraph as another subgraph's relay would. */
export async function postEvent(
  tenant: TenantSubgraphUnderTest,
  event: DomainEvent,
  from: Audience = 'order',
): Promise<void> {
  const body = writeEvent(event, `/subgraphs/${from}`);
  const signed = signCaller(service(event.tenantId), 'tenant', body, SIGNING_KEY);
  const signature = createEventSigner(SIGNING_KEY).sign(from, event.tenantId, body);
  const headers = { 'content-type': EVENT_CONTENT_TYPE, [EVENT_SIGNATURE_HEADER]: signature, ...signed };
  const answer = await fetch(`${tenant.url}${EVENTS_PATH}`, { method: 'POST', headers, body });
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
}
