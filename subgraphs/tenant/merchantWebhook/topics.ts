import { EVENT_CATALOG, EVENT_TYPES, type EventType } from '../../shared/events/eventCatalog';
import type { WebhookTopic } from '../generated/resolvers';

/** An event's type as GraphQL can spell it: ORDER_CONFIRMED. */
export const topicOf = (type: string): WebhookTopic => type.toUpperCase().replaceAll('.', '_') as WebhookTopic;

/** What stores can be told of: all of the catalog but what only this system's own services need to know. */
export const STORE_EVENT_TYPES: readonly EventType[] = EVENT_TYPES.filter((type) => !EVENT_CATALOG[type].isInternal);

const TYPES = new Map(STORE_EVENT_TYPES.map((type) => [topicOf(type), type]));

/** @throws Error for a topic that the schema has and the catalog has not. */
export function typeOf(topic: WebhookTopic): EventType {
  const type = TYPES.get(topic);
  if (!type) throw new Error(`No event of the catalog is called ${topic}`);
  return type;
}
