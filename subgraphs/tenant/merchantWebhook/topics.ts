import { EVENT_CATALOG, EVENT_TYPES, type EventType } from '../../shared/events/eventCatalog';
import type { WebhookTopic } from '../generated/resolvers';

/** An event's type as a GraphQL enum value: order.confirmed is ORDER_CONFIRMED. */
export const topicOf = (type: string): WebhookTopic => type.toUpperCase().replaceAll('.', '_') as WebhookTopic;

/** The types that stores can subscribe to: all of the catalog but the internal ones. */
export const STORE_EVENT_TYPES: readonly EventType[] = EVENT_TYPES.filter((type) => !EVENT_CATALOG[type].isInternal);

const TYPES = new Map(STORE_EVENT_TYPES.map((type) => [topicOf(type), type]));

/** @throws Error for a topic that the schema has and the catalog has not. */
export function typeOf(topic: WebhookTopic): EventType {
  const type = TYPES.get(topic);
  if (!type) throw new Error(`No event of the catalog has the topic ${topic}`);
  return type;
}
