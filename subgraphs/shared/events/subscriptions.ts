import type { Audience } from '../caller';
import { EVENT_TYPES, type EventType } from './eventCatalog';

interface Subscription {
  /** The subgraph that it is a part of. */
  subgraph: Audience;
  /** Types, or begins of them: `order` is all that begins with `order.`. All of what happens to a thing, or none of it, so that a missing one is noticed. */
  families: readonly string[];
}

/** Who hears of which events. A publisher knows them all, so that none is lost before its consumer has ever run. */
export const SUBSCRIPTIONS = {
  'product.sales': { subgraph: 'product', families: ['order'] },
  'product.search': { subgraph: 'product', families: ['tenant.settings_changed'] },
  'tenant.webhooks': {
    subgraph: 'tenant',
    families: ['tenant', 'product', 'variant', 'inventory', 'order', 'payment'],
  },
  'order.persons': { subgraph: 'order', families: ['tenant.user'] },
} as const satisfies Record<string, Subscription>;

export type ConsumerName = keyof typeof SUBSCRIPTIONS;

export const CONSUMERS = Object.keys(SUBSCRIPTIONS) as ConsumerName[];

/** Each gateway hears these, as long as it runs, to forget what it remembers: none of them is kept for it. */
export const GATEWAY_FAMILIES: readonly string[] = ['tenant'];

export const isOfFamilies = (families: readonly string[], type: string): boolean =>
  families.some((family) => type === family || type.startsWith(`${family}.`));

/** The types of events that a consumer is to have. */
export const typesFor = (consumer: ConsumerName): EventType[] =>
  EVENT_TYPES.filter((type) => isOfFamilies(SUBSCRIPTIONS[consumer].families, type));

/** The consumers that are to have an event of this type. */
export const consumersOf = (type: string): ConsumerName[] =>
  CONSUMERS.filter((name) => isOfFamilies(SUBSCRIPTIONS[name].families, type));
