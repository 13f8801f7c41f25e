import { Gauge, type Registry } from 'prom-client';
import { runInScope } from '../scope';
import type { Statements } from './eventDatabase';

/** Counting stops at this number, so that a scrape stays cheap. */
const MAX_COUNT = 1_000_000;

/** Metrics of the outbox and the inbox, read from the database at each scrape. They sum up all stores, to limit their cardinality. */
export function registerEventMetrics(registry: Registry, db: Statements): void {
  const registers = [registry];
  const depth = new Gauge({
    name: 'outbox_pending_events',
    help: 'Events that are recorded and not published',
    registers,
    collect: async () => {
      const { pending, lagSeconds, failing } = await readOutbox(db);
      depth.set(pending);
      lag.set(lagSeconds);
      failed.set(failing);
    },
  });
  const lag = new Gauge({
    name: 'outbox_lag_seconds',
    help: 'Age of the oldest event that is not published',
    registers,
  });
  const failed = new Gauge({
    name: 'outbox_failing_events',
    help: 'Events that could not be published so far',
    registers,
  });
  const inbox = new Gauge({
    name: 'inbox_unapplied_events',
    help: 'Events that were received and had no effect so far',
    labelNames: ['status'],
    registers,
    collect: async () => {
      const counts = await readInbox(db);
      for (const status of ['WAITING', 'PARKED', 'DEAD']) inbox.set({ status }, counts[status] ?? 0);
    },
  });
}

function readOutbox(db: Statements): Promise<{ pending: number; lagSeconds: number; failing: number }> {
  return runInScope({ task: 'event_relay' }, async () => {
    const [row] = await db.$queryRaw<{ pending: number; lagSeconds: number; failing: number }[]>`
      SELECT count(*)::int AS pending,
        coalesce(extract(epoch FROM now() - min(occurred_at)), 0)::float8 AS "lagSeconds",
        (SELECT count(*)::int FROM outbox_events WHERE status = 'PENDING' AND attempts > 0) AS failing
      FROM (SELECT occurred_at FROM outbox_events WHERE status = 'PENDING' LIMIT ${MAX_COUNT}) AS waiting`;
    return row ?? { pending: 0, lagSeconds: 0, failing: 0 };
  });
}

function readInbox(db: Statements): Promise<Record<string, number>> {
  return runInScope({ task: 'event_retry' }, async () => {
    const rows = await db.$queryRaw<{ status: string; count: number }[]>`
      SELECT status::text, count(*)::int FROM inbox_events WHERE status <> 'APPLIED' GROUP BY status`;
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  });
}
