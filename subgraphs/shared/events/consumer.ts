import type { DomainEvent, KnownEvent } from './domainEvent';
import type { EventType } from './eventCatalog';
import type { Statements } from './eventDatabase';
import type { ConsumerName } from './subscriptions';

/** The effect of one event, in the transaction that writes the event into the inbox: an error rolls both back. */
export type EventEffect<Tx, Type extends EventType> = (tx: Tx, event: KnownEvent<Type>) => Promise<void>;

/** The effects of events on one part of a subgraph. */
export interface EventConsumer<Tx extends Statements = Statements> {
  name: ConsumerName;
  /** Effects by event type. Subscribed events of other types have no effect; only their ids are stored. */
  effects: { [Type in EventType]?: EventEffect<Tx, Type> };
  /**
   * Whether an event still has its effect when it arrives after a later one of its aggregate: true when effects add up, such as a
   * count; false when the later event supersedes it, such as a status.
   */
  isCommutative: boolean;
  /** Deletes the consumer's rows of a store, so that a replay can rebuild them. Omitted when there is nothing to rebuild. */
  reset?(tx: Tx, tenantId: string): Promise<void>;
}

/** Looks up an event's effect, with the type that the consumer's table gives it. */
export function effectOf<Tx extends Statements>(
  consumer: EventConsumer<Tx>,
  type: EventType,
): ((tx: Tx, event: DomainEvent) => Promise<void>) | undefined {
  return consumer.effects[type] as ((tx: Tx, event: DomainEvent) => Promise<void>) | undefined;
}
