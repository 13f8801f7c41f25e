import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log';
import type { Statements } from './eventDatabase';
import { claimOutbox, listTenantsDue, releaseOutbox, takeFromOutbox } from './outbox';
import { type LaneWork, publishPending } from './publishPending';
import type { EventPublisher } from './transport';

/** How late an event goes out when no bell rings. */
const POLL_MS = 1_000;
/** After so long a relay begins nothing more under its lease of 30 seconds: what it has begun ends before the lease does. */
const WORK_MS = 10_000;
const TENANTS_CONCURRENCY = 4;
const TENANTS_BATCH_SIZE = 64;
const BATCH = 500;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 2_000;

/** What rings in quick succession is one round. */
const GATHER_MS = 20;

export interface OutboxRelay {
  /** There is something to publish, of that type if it is known: the lanes that hear of it do not wait for their next poll. */
  ring(type?: string): void;
  stop(): Promise<void>;
}

/**
 * Publishes what transactions have written into the outbox, each event at least once by each lane. However many relays there are, one
 * has a store's events for a lane at a time, so that those of an aggregate go out in the order of recording; stores do not wait for
 * one another, nor lanes. A lane that is down stops itself, and nobody who writes.
 */
export function startOutboxRelay(
  db: Statements,
  publisher: EventPublisher,
  logger: Logger,
  options: { pollMs?: number } = {},
): OutboxRelay {
  const relays = worksOf(db, publisher, logger).map((work) => startLane(work, options));
  return {
    ring: (type) => {
      for (const relay of relays) relay.ring(type);
    },
    stop: async () => void (await Promise.all(relays.map((relay) => relay.stop()))),
  };
}

function worksOf(db: Statements, { lanes }: EventPublisher, logger: Logger): LaneWork[] {
  const names = lanes.map(({ name }) => name);
  return lanes.map((lane) => ({ db, lane, lanes: names, logger }));
}

function startLane(work: LaneWork, { pollMs = POLL_MS }: { pollMs?: number }): OutboxRelay {
  const stopping = new AbortController();
  let rung = new AbortController();
  let pauseMs = FIRST_PAUSE_MS;

  const run = async () => {
    while (!stopping.signal.aborted) {
      rung = new AbortController();
      try {
        const count = await relayLane(work, stopping.signal);
        pauseMs = FIRST_PAUSE_MS;
        if (count === 0) await pause(pollMs, AbortSignal.any([rung.signal, stopping.signal]));
        await pause(GATHER_MS, stopping.signal);
      } catch (error) {
        work.logger.warn({ err: error, lane: work.lane.name, pauseMs }, 'events are not published; it is tried again');
        await pause(pauseMs, stopping.signal);
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
      }
    }
  };
  const running = run();
  return {
    ring: (type) => {
      if (!type || (work.lane.hasSubscribers?.(type) ?? true)) rung.abort();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {});

/**
 * One round of every lane over the stores that have something due. @returns how many events went by all lanes together.
 * @throws TransportDown, and what the database throws, when the other lanes have done theirs.
 */
export async function relayDue(db: Statements, publisher: EventPublisher, logger: Logger): Promise<number> {
  const rounds = await Promise.allSettled(worksOf(db, publisher, logger).map((work) => relayLane(work)));
  return rounds.reduce((sum, round) => {
    if (round.status === 'rejected') throw round.reason;
    return sum + round.value;
  }, 0);
}

async function relayLane(work: LaneWork, stopping?: AbortSignal): Promise<number> {
  const waiting = await listTenantsDue(work.db, work.lane.name, TENANTS_BATCH_SIZE);
  let published = 0;
  const worker = async () => {
    for (let next = waiting.shift(); next && !stopping?.aborted; next = waiting.shift()) {
      published += await relayTenant(work, next, stopping);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: TENANTS_CONCURRENCY }, worker));
  for (const each of workers) if (each.status === 'rejected') throw each.reason;
  return published;
}

/** The events of one store, if no other relay has them. */
async function relayTenant(work: LaneWork, tenantId: string, stopping?: AbortSignal): Promise<number> {
  const { db, lane } = work;
  const until = performance.now() + WORK_MS;
  const isOver = () => stopping?.aborted === true || performance.now() > until;
  const lease = await claimOutbox(db, tenantId, lane.name);
  if (!lease) return 0;
  let total = 0;
  try {
    while (!isOver()) {
      const batch = await takeFromOutbox(db, tenantId, lane.name, BATCH);
      const published = await publishPending(work, batch, isOver);
      total += published;
      if (batch.length < BATCH || published === 0) break;
    }
  } finally {
    await releaseOutbox(db, lease);
  }
  return total;
}
