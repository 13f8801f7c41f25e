import { setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseUnavailable } from '../databaseErrors';
import { forEachConcurrent } from '../forEachConcurrent';
import type { Logger } from '../log';
import type { Statements } from './eventDatabase';
import { claimOutbox, listPending, listTenantsDue, releaseOutbox } from './outbox';
import { type ChannelWork, publishPending } from './publishPending';
import { type EventPublisher, TransportDown } from './transport';

/** The longest delay of an event when no notification wakes the relay. */
const POLL_MS = 1_000;
/** A relay starts no more work after this time, so that everything it has started ends within its lease of 30 seconds. */
const WORK_MS = 10_000;
const TENANTS_CONCURRENCY = 4;
const TENANTS_BATCH_SIZE = 64;
const BATCH = 500;
const MIN_PAUSE_MS = 250;
const MAX_PAUSE_MS = 2_000;

/** Notifications within this time trigger a single run. */
const DEBOUNCE_MS = 20;

export interface OutboxRelay {
  /** Starts a run now, instead of at the next poll, on the channels that have subscribers of `type`; on all without a type. */
  wake(type?: string): void;
  stop(): Promise<void>;
}

/**
 * Publishes the events of the outbox, each at least once on each channel. With several relays, only one at a time publishes a store's
 * events on a channel, so an aggregate's events are published in the order of recording. Stores and channels do not wait for one
 * another: a channel that is down stops neither the other channels nor the recording of events.
 */
export function startOutboxRelay(
  db: Statements,
  publisher: EventPublisher,
  logger: Logger,
  options: { pollMs?: number } = {},
): OutboxRelay {
  const relays = channelWork(db, publisher, logger).map((work) => startChannel(work, options));
  return {
    wake: (type) => {
      for (const relay of relays) relay.wake(type);
    },
    stop: async () => void (await Promise.all(relays.map((relay) => relay.stop()))),
  };
}

function channelWork(db: Statements, { channels }: EventPublisher, logger: Logger): ChannelWork[] {
  const names = channels.map(({ name }) => name);
  return channels.map((channel) => ({ db, channel, channels: names, logger }));
}

function startChannel(work: ChannelWork, { pollMs = POLL_MS }: { pollMs?: number }): OutboxRelay {
  const stopping = new AbortController();
  let woken = new AbortController();
  let pauseMs = MIN_PAUSE_MS;

  const run = async () => {
    while (!stopping.signal.aborted) {
      woken = new AbortController();
      try {
        const count = await relayChannel(work, stopping.signal);
        pauseMs = MIN_PAUSE_MS;
        if (count === 0) await pause(pollMs, AbortSignal.any([woken.signal, stopping.signal]));
        await pause(DEBOUNCE_MS, stopping.signal);
      } catch (error) {
        work.logger.warn(
          { err: error, channel: work.channel.name, pauseMs },
          'events are not published; it is tried again',
        );
        await pause(pauseMs, stopping.signal);
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
      }
    }
  };
  const running = run();
  return {
    wake: (type) => {
      if (!type || (work.channel.hasSubscribers?.(type) ?? true)) woken.abort();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {});

/**
 * One run of every channel over all stores with due events. @returns how many events were published, summed over the channels.
 * @throws TransportDown, and the database's errors, after the other channels have finished.
 */
export async function relayDue(db: Statements, publisher: EventPublisher, logger: Logger): Promise<number> {
  const runs = await Promise.allSettled(channelWork(db, publisher, logger).map((work) => relayChannel(work)));
  return runs.reduce((sum, run) => {
    if (run.status === 'rejected') throw run.reason;
    return sum + run.value;
  }, 0);
}

async function relayChannel(work: ChannelWork, stopping?: AbortSignal): Promise<number> {
  const due = await listTenantsDue(work.db, work.channel.name, TENANTS_BATCH_SIZE);
  let published = 0;
  let failure: unknown;
  const relayOne = async (tenantId: string) => {
    try {
      const count = await relayTenant(work, tenantId, stopping);
      published += count;
    } catch (error) {
      // These errors affect every store. Any other error affects one store, so the others go on.
      if (error instanceof TransportDown || isDatabaseUnavailable(error)) throw error;
      failure ??= error;
    }
  };
  await forEachConcurrent(due, TENANTS_CONCURRENCY, relayOne, stopping);
  if (failure !== undefined) throw failure;
  return published;
}

/** Publishes the events of one store, unless another relay holds its lease. */
async function relayTenant(work: ChannelWork, tenantId: string, stopping?: AbortSignal): Promise<number> {
  const { db, channel } = work;
  const until = performance.now() + WORK_MS;
  const isOver = () => stopping?.aborted === true || performance.now() > until;
  const lease = await claimOutbox(db, tenantId, channel.name);
  if (!lease) return 0;
  let total = 0;
  try {
    while (!isOver()) {
      const batch = await listPending(db, tenantId, channel.name, BATCH);
      const published = await publishPending(work, batch, isOver);
      total += published;
      if (batch.length < BATCH || published === 0) break;
    }
  } finally {
    await releaseOutbox(db, lease);
  }
  return total;
}
