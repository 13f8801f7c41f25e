import type { Audience } from '../caller';
import type { DomainEvent } from './domainEvent';

/** Nothing can be published now: the relay waits, and continues with the same event. */
export class TransportDown extends Error {}

/** This event was rejected; others may be accepted. The relay retries it later, and until then publishes no later event of its aggregate. */
export class EventRejected extends Error {}

/**
 * A destination of a subgraph's events: RabbitMQ, or a subgraph to which they are posted. Each channel has its own progress: while it is
 * down, the other channels go on.
 */
export interface EventChannel {
  /** Stored in the row of each event that was published on this channel. */
  name: string;
  /**
   * Resolves when all subscribers of this channel have stored the event; immediately when there are none. A repeat does no harm, because
   * they recognize an event by its id. @throws TransportDown | EventRejected
   */
  publish(event: DomainEvent): Promise<void>;
  /** As `publish`, for several events of one store in one message, in this order. Optional. EventRejected does not say which one. */
  publishBatch?(events: readonly DomainEvent[]): Promise<void>;
  /**
   * Whether events of a type have subscribers on this channel; if omitted, all have. Events without subscribers pass the channel, too,
   * but do not wake it: they wait for its next poll.
   */
  hasSubscribers?(type: string): boolean;
}

/** All channels of one subgraph. An event is PUBLISHED when each of them has published it. */
export interface EventPublisher {
  channels: readonly EventChannel[];
  close(): Promise<void>;
}

/** The subgraph that records an event, as CloudEvents' `source`. */
export const sourceOf = (subgraph: Audience): string => `/subgraphs/${subgraph}`;
