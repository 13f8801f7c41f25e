import type { Audience } from '../caller';
import type { DomainEvent } from './domainEvent';

/** Nothing can be published now, whatever it is: the relay waits, and goes on from the same event. */
export class TransportDown extends Error {}

/** This event was rejected; others may be accepted. The relay retries it later, and holds back the later events of its aggregate until then. */
export class EventRejected extends Error {}

/**
 * One destination of a subgraph's events (RabbitMQ, or a subgraph that they are posted to), with a progress of its own: while it is
 * down, the other channels go on.
 */
export interface EventChannel {
  /** Kept in the row of each event that was published by this channel. */
  name: string;
  /**
   * Resolves when all subscribers of this channel have stored the event; at once where there are none. A repeat does no harm: they
   * recognize an event by its id. @throws TransportDown | EventRejected
   */
  publish(event: DomainEvent): Promise<void>;
  /** As `publish`, of several events of one store in one message, in this order, where the channel can. EventRejected does not say which. */
  publishBatch?(events: readonly DomainEvent[]): Promise<void>;
  /**
   * Whether events of a type have subscribers on this channel; where it is left out, all have. Events without subscribers pass the
   * channel, too, but do not wake it: they wait for its next poll.
   */
  hasSubscribers?(type: string): boolean;
}

/** All channels of one subgraph: an event is PUBLISHED when each of them has published it. */
export interface EventPublisher {
  channels: readonly EventChannel[];
  close(): Promise<void>;
}

/** The subgraph that records an event, as CloudEvents' `source`. */
export const sourceOf = (subgraph: Audience): string => `/subgraphs/${subgraph}`;
