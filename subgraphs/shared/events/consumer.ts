import type { DomainEvent, KnownEvent } from './domainEvent';
import type { EventType } from './eventCatalog';
import type { Statements } from './eventDatabase';
import type { ConsumerName } from './subscriptions';

/** The effect of one event, in the transaction in which it is taken in. What it throws undoes both. */
export type EventEffect<Tx, Type extends EventType> = (tx: Tx, event: KnownEvent<Type>) => Promise<void>;

/** What one part of a subgraph does about events. */
export interface EventConsumer<Tx extends Statements = Statements> {
  name: ConsumerName;
  /** By type; of the others of its subscription it only keeps that they were. */
  effects: { [Type in EventType]?: EventEffect<Tx, Type> };
  /**
   * Whether an event that comes after a later one of its aggregate still has its effect: true where effects add up, such as a
   * count; false where the later one has said all, such as a status.
   */
  isCommutative: boolean;
  /** Forgets what a store's events have made, so that it can be made anew of them; none where there is nothing to remake. */
  reset?(tx: Tx, tenantId: string): Promise<void>;
}

/** The effect of any event, typed as its consumer's table has it. */
export function effectOf<Tx extends Statements>(
  consumer: EventConsumer<Tx>,
  type: EventType,
): ((tx: Tx, event: DomainEvent) => Promise<void>) | undefined {
  return consumer.effects[type] as ((tx: Tx, event: DomainEvent) => Promise<void>) | undefined;
}
