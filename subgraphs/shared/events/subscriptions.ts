import type { Audience } from '../caller';
import { type Aggregate, EVENT_CATALOG, EVENT_TYPES, type EventType } from './eventCatalog';

interface Subscription {
  /** The consumer's subgraph. */
  subgraph: Audience;
  /** Types, or prefixes of types: `order` stands for all that begin with `order.`. Gaps can only be noticed with all types of an aggregate. */
  families: readonly string[];
}

const typesOf = (aggregate: Aggregate): EventType[] =>
  EVENT_TYPES.filter((type) => EVENT_CATALOG[type].aggregate === aggregate);

/** Which consumer subscribes to which events. Publishers know all subscriptions, so no event is lost before a consumer's first start. */
export const SUBSCRIPTIONS = {
  'product.sales': { subgraph: 'product', families: ['order'] },
  'product.search': { subgraph: 'product', families: ['tenant.settings_changed'] },
  'product.stores': { subgraph: 'product', families: [...typesOf('settings'), ...typesOf('tenant')] },
  'order.stores': { subgraph: 'order', families: typesOf('settings') },
  'tenant.webhooks': {
    subgraph: 'tenant',
    families: [
      'tenant',
      'product',
      'variant',
      'inventory',
      'order',
      'payment',
      'dispute',
      'customer',
      'gift_card',
      'store_credit',
    ],
  },
  'order.persons': { subgraph: 'order', families: ['tenant.user'] },
} as const satisfies Record<string, Subscription>;

export type ConsumerName = keyof typeof SUBSCRIPTIONS;

export const CONSUMERS = Object.keys(SUBSCRIPTIONS) as ConsumerName[];

/** The events that each running gateway gets, to invalidate its caches. They are not stored for a gateway that is down. */
export const GATEWAY_FAMILIES: readonly string[] = ['tenant'];

export const isOfFamilies = (families: readonly string[], type: string): boolean =>
  families.some((family) => type === family || type.startsWith(`${family}.`));

/** The types of events that a consumer subscribes to. */
export const typesFor = (consumer: ConsumerName): EventType[] =>
  EVENT_TYPES.filter((type) => isOfFamilies(SUBSCRIPTIONS[consumer].families, type));

/** The consumers that subscribe to events of this type. */
export const consumersOf = (type: string): ConsumerName[] =>
  CONSUMERS.filter((name) => isOfFamilies(SUBSCRIPTIONS[name].families, type));
