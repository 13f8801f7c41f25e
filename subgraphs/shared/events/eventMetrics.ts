import { Gauge, type Registry } from 'prom-client';
import { runInScope } from '../scope';
import type { Statements } from './eventDatabase';

/** More than this is not counted one by one at each scrape. */
const COUNTED = 1_000_000;

/** What an operator watches, read from the database when it is asked for. Of all stores together: no series names one. */
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
  const lag = new Gauge({ name: 'outbox_lag_seconds', help: 'Age of the oldest of them', registers });
  const failed = new Gauge({ name: 'outbox_failing_events', help: 'Those of them that were tried in vain', registers });
  const inbox = new Gauge({
    name: 'inbox_unapplied_events',
    help: 'Events that came and had no effect yet',
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
      FROM (SELECT occurred_at FROM outbox_events WHERE status = 'PENDING' LIMIT ${COUNTED}) AS waiting`;
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
