import { setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseUnavailable } from '../databaseErrors';
import { forEachConcurrent } from '../forEachConcurrent';
import type { Logger } from '../log';
import type { Statements } from './eventDatabase';
import { claimOutbox, listPending, listTenantsDue, releaseOutbox } from './outbox';
import { type ChannelWork, publishPending } from './publishPending';
import { type EventPublisher, TransportDown } from './transport';

/** How late an event is published when no notification wakes the relay. */
const POLL_MS = 1_000;
/** After so long a relay starts nothing more under its lease of 30 seconds: what it has started ends before the lease does. */
const WORK_MS = 10_000;
const TENANTS_CONCURRENCY = 4;
const TENANTS_BATCH_SIZE = 64;
const BATCH = 500;
const MIN_PAUSE_MS = 250;
const MAX_PAUSE_MS = 2_000;

/** Notifications that follow each other within this time are served by one run. */
const DEBOUNCE_MS = 20;

export interface OutboxRelay {
  /** There is something to publish, of that type if it is known: channels with subscribers of it do not wait for their next poll. */
  wake(type?: string): void;
  stop(): Promise<void>;
}

/**
 * Publishes what transactions have written into the outbox, each event at least once by each channel. However many relays there are,
 * one at a time publishes a store's events on a channel, so that those of an aggregate are published in the order of recording. Stores
 * do not wait for one another, nor do channels. A channel that is down keeps neither the others from publishing nor anybody from
 * recording events.
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
 * One run of every channel over the stores that have something due. @returns how many events were published, on all channels together.
 * @throws TransportDown, and what the database throws, after the other channels have finished.
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
      // These fail for every store; anything else is one store's, and the others do not wait for it.
      if (error instanceof TransportDown || isDatabaseUnavailable(error)) throw error;
      failure ??= error;
    }
  };
  await forEachConcurrent(due, TENANTS_CONCURRENCY, relayOne, stopping);
  if (failure !== undefined) throw failure;
  return published;
}

/** The events of one store, if no other relay has them. */
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
