import type { DomainEvent, KnownEvent } from './domainEvent';
import type { EventType } from './eventCatalog';
import type { Statements } from './eventDatabase';
import type { ConsumerName } from './subscriptions';

/** The effect of one event, in the transaction that writes the event into the inbox: what it throws rolls both back. */
export type EventEffect<Tx, Type extends EventType> = (tx: Tx, event: KnownEvent<Type>) => Promise<void>;

/** What one part of a subgraph does when events happen. */
export interface EventConsumer<Tx extends Statements = Statements> {
  name: ConsumerName;
  /** By type. Other events of its subscription have no effect; only their ids are kept. */
  effects: { [Type in EventType]?: EventEffect<Tx, Type> };
  /**
   * Whether an event that arrives after a later one of its aggregate still has its effect: true where effects add up, such as a
   * count; false where the later one supersedes it, such as a status.
   */
  isCommutative: boolean;
  /** Deletes what a store's events have made, so that a replay can make it anew. Left out where there is nothing to rebuild. */
  reset?(tx: Tx, tenantId: string): Promise<void>;
}

/** The effect of any event, typed as its consumer's table has it. */
export function effectOf<Tx extends Statements>(
  consumer: EventConsumer<Tx>,
  type: EventType,
): ((tx: Tx, event: DomainEvent) => Promise<void>) | undefined {
  return consumer.effects[type] as ((tx: Tx, event: DomainEvent) => Promise<void>) | undefined;
}
