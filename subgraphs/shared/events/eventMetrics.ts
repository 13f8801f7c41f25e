import type { Registry } from 'prom-client';
import type { Logger } from '../log';
import { registerGauges } from '../metrics/gauges';
import { runInScope } from '../scope';
import type { Statements } from './eventDatabase';

/** Counting stops at this number, so that a scrape stays cheap. */
const MAX_COUNT = 1_000_000;

/** Metrics of the outbox and the inbox, read from the database at each scrape. They sum up all stores, to limit their cardinality. */
export function registerEventMetrics(registry: Registry, db: Statements, logger: Logger): void {
  const outbox = {
    source: 'outbox',
    gauges: [
      { name: 'outbox_pending_events' as const, help: 'Events that are recorded and not published' },
      { name: 'outbox_lag_seconds' as const, help: 'Age of the oldest event that is not published' },
      { name: 'outbox_failing_events' as const, help: 'Events that could not be published so far' },
    ],
    logger,
  };
  registerGauges(registry, outbox, () => readOutbox(db));
  const help = 'Events that were received and had no effect so far';
  const inbox = {
    source: 'inbox',
    gauges: [{ name: 'inbox_unapplied_events' as const, help, label: 'status' }],
    logger,
  };
  registerGauges(registry, inbox, async () => ({ inbox_unapplied_events: await readInbox(db) }));
}

interface Outbox {
  outbox_pending_events: number;
  outbox_lag_seconds: number;
  outbox_failing_events: number;
}

function readOutbox(db: Statements): Promise<Outbox> {
  return runInScope({ task: 'event_relay' }, async () => {
    const [row] = await db.$queryRaw<Outbox[]>`
      SELECT count(*)::int AS outbox_pending_events,
        coalesce(extract(epoch FROM now() - min(occurred_at)), 0)::float8 AS outbox_lag_seconds,
        (SELECT count(*)::int FROM outbox_events WHERE status = 'PENDING' AND attempts > 0) AS outbox_failing_events
      FROM (SELECT occurred_at FROM outbox_events WHERE status = 'PENDING' LIMIT ${MAX_COUNT}) AS waiting`;
    if (!row) throw new Error('PostgreSQL has counted nothing');
    return row;
  });
}

function readInbox(db: Statements): Promise<Record<string, number>> {
  return runInScope({ task: 'event_retry' }, async () => {
    const rows = await db.$queryRaw<{ status: string; count: number }[]>`
      SELECT status::text, count(*)::int FROM inbox_events WHERE status <> 'APPLIED' GROUP BY status`;
    const counts = Object.fromEntries(rows.map(({ status, count }) => [status, count]));
    return { WAITING: 0, PARKED: 0, DEAD: 0, ...counts };
  });
}
