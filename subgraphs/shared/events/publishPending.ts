import type { Logger } from '../log';
import type { DomainEvent } from './domainEvent';
import type { Statements } from './eventDatabase';
import { markLaneDown, markNotPublished, markPublished } from './outbox';
import { type EventChannel, EventRejected, TransportDown } from './transport';

/** How many events go together at most, where their lane has room for several. */
const MAX_BATCH_SIZE = 50;

/** What a relay needs to know of a lane. */
export interface LaneWork {
  db: Statements;
  lane: EventChannel;
  /** The names of all lanes, this one among them: an event is out when it has gone each. */
  lanes: readonly string[];
  logger: Logger;
}

/**
 * Publishes events of one store by a lane: several together where it has room for that, else those of one aggregate one after another and those of
 * others beside them. What is out is written down whatever happens. @returns how many that were. @throws TransportDown, and what the database throws.
 */
export async function publishPending(work: LaneWork, batch: DomainEvent[], isOver: () => boolean): Promise<number> {
  const { db, lane, lanes, logger } = work;
  const published: string[] = [];
  /** Aggregates with an event that was not taken: nothing of theirs goes out before it. */
  const stuck = new Set<string>();
  let down: unknown;
  const fail = async (event: DomainEvent, error: unknown) => {
    const isFirst = down === undefined;
    if (!(error instanceof EventRejected)) down ??= error;
    // One event says for all of them that nothing goes out.
    const isDown = error instanceof TransportDown && isFirst;
    if (error instanceof EventRejected || isDown) {
      const { id, type, tenantId } = event;
      await (isDown ? markLaneDown : markNotPublished)(db, tenantId, id, error);
      logger.warn({ id, type, tenantId, reason: error.message }, 'event not published; it is tried again');
    }
  };
  const publishInOrder = async (events: DomainEvent[]) => {
    for (const event of events) {
      if (down || isOver()) return;
      try {
        await lane.publish(event);
        published.push(event.id);
      } catch (error) {
        stuck.add(aggregateOf(event));
        return fail(event, error);
      }
    }
  };
  /** @returns false when one of them is not taken: which, is found by sending each by itself. */
  const publishBatch = async (events: DomainEvent[], first: DomainEvent): Promise<boolean> => {
    try {
      await lane.publishBatch?.(events);
      published.push(...events.map(({ id }) => id));
    } catch (error) {
      if (error instanceof EventRejected) return false;
      await fail(first, error);
    }
    return true;
  };
  const atOnce = lane.publishBatch ? MAX_BATCH_SIZE : batch.length;
  for (let from = 0; from < batch.length && !down && !isOver(); from += atOnce) {
    const events = batch.slice(from, from + atOnce).filter((event) => !stuck.has(aggregateOf(event)));
    const [first, ...others] = events;
    const isTogether = lane.publishBatch && first && others.length > 0 && (await publishBatch(events, first));
    if (!isTogether) await Promise.all(byAggregate(events).map(publishInOrder));
  }
  const [first] = batch;
  if (first && published.length > 0) await markPublished(db, first.tenantId, lane.name, lanes, published);
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
