import { EVENT_CATALOG, EVENT_TYPES, type EventType } from '../../shared/events/eventCatalog';
import type { WebhookTopic } from '../generated/resolvers';

/** Maps an event type to a GraphQL enum value: order.confirmed to ORDER_CONFIRMED. */
export const topicOf = (type: string): WebhookTopic => type.toUpperCase().replaceAll('.', '_') as WebhookTopic;

/** The event types that stores can subscribe to: the whole catalog except internal ones. */
export const STORE_EVENT_TYPES: readonly EventType[] = EVENT_TYPES.filter((type) => !EVENT_CATALOG[type].isInternal);

const TYPES = new Map(STORE_EVENT_TYPES.map((type) => [topicOf(type), type]));

/** @throws Error for a topic of the schema that is missing in the catalog. */
export function typeOf(topic: WebhookTopic): EventType {
  const type = TYPES.get(topic);
  if (!type) throw new Error(`No event of the catalog has the topic ${topic}`);
  return type;
}
