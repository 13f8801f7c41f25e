import type { Audience } from '../caller';
import type { DomainEvent } from './domainEvent';

/** Nothing can be published now, whatever it is: the relay waits, and goes on where it was. */
export class TransportDown extends Error {}

/** This event was not taken, and others may be: the relay puts it off, with all that follow it of its aggregate. */
export class EventRejected extends Error {}

/** One way of events out of a subgraph, with a progress of its own: while it is down, what goes other ways goes on. */
export interface EventChannel {
  /** Kept with the events that have gone this way. */
  name: string;
  /**
   * Resolves when the event is safe with all whom it reaches this way; at once where that is nobody. A repeat does no harm: they
   * know events by their id. @throws TransportDown | EventRejected
   */
  publish(event: DomainEvent): Promise<void>;
  /** As `publish`, of several of one store together, in this order, where the way has room for that: EventRejected may be any of them. */
  publishBatch?(events: readonly DomainEvent[]): Promise<void>;
  /** Whether anybody hears events of a type this way; where it does not say, of all. The others go it, too, but nobody waits for them. */
  hasSubscribers?(type: string): boolean;
}

/** All ways of events out of one subgraph: an event is out when it has gone each of them. */
export interface EventPublisher {
  lanes: readonly EventChannel[];
  close(): Promise<void>;
}

/** Whose events these are, as CloudEvents' `source`. */
export const sourceOf = (subgraph: Audience): string => `/subgraphs/${subgraph}`;
