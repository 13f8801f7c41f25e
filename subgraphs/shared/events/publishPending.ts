import type { Logger } from '../log';
import type { DomainEvent } from './domainEvent';
import type { Statements } from './eventDatabase';
import { markChannelDown, markNotPublished, markPublished } from './outbox';
import { type EventChannel, EventRejected, TransportDown } from './transport';

/** The most events in one message, on channels that can publish several together. */
const MAX_BATCH_SIZE = 50;

/** A channel, and what is needed to publish events on it. */
export interface ChannelWork {
  db: Statements;
  channel: EventChannel;
  /** The names of all channels, including this one. An event is PUBLISHED when each of them has published it. */
  channels: readonly string[];
  logger: Logger;
}

/**
 * Publishes events of one store on a channel: in batches if the channel can; otherwise an aggregate's events one after another, and
 * aggregates concurrently. Published events are recorded even when others fail. @returns how many were published.
 * @throws TransportDown, and the database's errors.
 */
export async function publishPending(work: ChannelWork, batch: DomainEvent[], isOver: () => boolean): Promise<number> {
  const { db, channel, channels, logger } = work;
  const published: string[] = [];
  /** Aggregates with a failed event: none of their later events may be published before it. */
  const stuck = new Set<string>();
  let down: unknown;
  const fail = async (event: DomainEvent, error: unknown) => {
    const isFirst = down === undefined;
    if (!(error instanceof EventRejected)) down ??= error;
    // When the channel is down, only the first event is marked, which is enough for operators to see it.
    const isDown = error instanceof TransportDown && isFirst;
    if (error instanceof EventRejected || isDown) {
      const { id, type, tenantId } = event;
      await (isDown ? markChannelDown : markNotPublished)(db, tenantId, id, error);
      logger.warn({ id, type, tenantId, reason: error.message }, 'event not published; it is tried again');
    }
  };
  const publishInOrder = async (events: DomainEvent[]) => {
    for (const event of events) {
      if (down || isOver()) return;
      try {
        await channel.publish(event);
        published.push(event.id);
      } catch (error) {
        stuck.add(aggregateOf(event));
        return fail(event, error);
      }
    }
  };
  /** @returns false when an event of the batch was rejected; the caller then publishes them one by one to find out which. */
  const publishBatch = async (events: DomainEvent[], first: DomainEvent): Promise<boolean> => {
    try {
      await channel.publishBatch?.(events);
      published.push(...events.map(({ id }) => id));
    } catch (error) {
      if (error instanceof EventRejected) return false;
      await fail(first, error);
    }
    return true;
  };
  const batchSize = channel.publishBatch ? MAX_BATCH_SIZE : batch.length;
  for (let from = 0; from < batch.length && !down && !isOver(); from += batchSize) {
    const events = batch.slice(from, from + batchSize).filter((event) => !stuck.has(aggregateOf(event)));
    const [first, ...others] = events;
    const isDone = channel.publishBatch && first && others.length > 0 && (await publishBatch(events, first));
    if (!isDone) await Promise.all(byAggregate(events).map(publishInOrder));
  }
  const [first] = batch;
  if (first && published.length > 0) await markPublished(db, first.tenantId, channel.name, channels, published);
  if (down) throw down;
  return published.length;
}

const aggregateOf = ({ aggregateType, aggregateId }: DomainEvent): string => `${aggregateType} ${aggregateId}`;

function byAggregate(events: DomainEvent[]): DomainEvent[][] {
  const groups = new Map<string, DomainEvent[]>();
  for (const event of events) {
    const key = aggregateOf(event);
    const group = groups.get(key);
    if (group) group.push(event);
    else groups.set(key, [event]);
  }
  return [...groups.values()];
}
