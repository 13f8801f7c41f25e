import type { Audience } from '../caller';
import type { DomainEvent } from './domainEvent';

/** Nothing can be published now, whatever it is: the relay waits, and goes on where it was. */
export class TransportDown extends Error {}

/** This event was not taken, and others may be: the relay puts it off, with all that follow it of its aggregate. */
export class NotTaken extends Error {}

/** The way of events out of one subgraph. */
export interface EventPublisher {
  /**
   * Resolves when the event is safe with all who are to have it. A repeat does no harm: they know events by their id.
   * @throws TransportDown | NotTaken
   */
  publish(event: DomainEvent): Promise<void>;
  close(): Promise<void>;
}

/** Whose events these are, as CloudEvents' `source`. */
export const sourceOf = (subgraph: Audience): string => `/subgraphs/${subgraph}`;
