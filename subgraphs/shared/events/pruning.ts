import type { Logger } from '../log';
import { type PeriodicTask, startPeriodicTask } from '../periodicTask';
import { runInScope } from '../scope';
import type { Statements } from './eventDatabase';

/** How long published events are kept for replays. */
export const KEPT_PUBLISHED_DAYS = 90;
/** How long the ids of processed events are kept to recognize repeats. Longer than events can be replayed. */
export const KEPT_APPLIED_DAYS = 100;
/** An aggregate without an applied event for this long has none left in the outbox, either, so its next event names no predecessor. */
const KEPT_AGGREGATES_DAYS = KEPT_APPLIED_DAYS - 1;

const INTERVAL_MS = 60 * 60 * 1000;
const BATCH_SIZE = 5_000;

/** Periodically deletes events that were published or applied long ago. Several processes may run it concurrently. */
export const startPruning = (db: Statements, logger: Logger): PeriodicTask =>
  startPeriodicTask({
    name: 'pruning of events',
    everyMs: INTERVAL_MS,
    logger,
    run: async () => {
      const count = await pruneEvents(db);
      if (count > 0) logger.info({ count }, 'old events pruned');
      return false;
    },
  });

/** @returns how many rows were deleted. */
export async function pruneEvents(db: Statements): Promise<number> {
  let pruned = 0;
  for (const tenantId of await listTenantsWithOld(db)) {
    pruned += await untilNone(() => runInScope({ tenantId }, () => deletePublished(db, tenantId)));
    pruned += await untilNone(() => runInScope({ tenantId }, () => deleteApplied(db, tenantId)));
    pruned += await untilNone(() => runInScope({ tenantId }, () => deleteAggregates(db, tenantId)));
  }
  return pruned;
}

async function untilNone(deleteSome: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await deleteSome();
    total += count;
    if (count < BATCH_SIZE) return total;
  }
}

/** A loose index scan: it reads one entry of each index for each store. */
function listTenantsWithOld(db: Statements): Promise<string[]> {
  return runInScope({ task: 'event_prune' }, async () => {
    const rows = await db.$queryRaw<{ tenantId: string }[]>`
      WITH RECURSIVE published AS (
        (SELECT tenant_id, published_at FROM outbox_events WHERE status = 'PUBLISHED'
         ORDER BY tenant_id, published_at LIMIT 1)
        UNION ALL
        SELECT following.* FROM published, LATERAL (
          SELECT tenant_id, published_at FROM outbox_events
          WHERE status = 'PUBLISHED' AND tenant_id > published.tenant_id
          ORDER BY tenant_id, published_at LIMIT 1) AS following
      ), applied AS (
        (SELECT tenant_id, received_at FROM inbox_events WHERE status = 'APPLIED' ORDER BY tenant_id, received_at LIMIT 1)
        UNION ALL
        SELECT following.* FROM applied, LATERAL (
          SELECT tenant_id, received_at FROM inbox_events
          WHERE status = 'APPLIED' AND tenant_id > applied.tenant_id
          ORDER BY tenant_id, received_at LIMIT 1) AS following
      )
      SELECT tenant_id AS "tenantId" FROM published
      WHERE published_at < now() - make_interval(days => ${KEPT_PUBLISHED_DAYS}::int)
      UNION
      SELECT tenant_id FROM applied WHERE received_at < now() - make_interval(days => ${KEPT_APPLIED_DAYS}::int)`;
    return rows.map(({ tenantId }) => tenantId);
  });
}

const deletePublished = async (db: Statements, tenantId: string): Promise<number> =>
  db.$executeRaw`
    DELETE FROM outbox_events WHERE tenant_id = ${tenantId} AND id IN (
      SELECT id FROM outbox_events
      WHERE tenant_id = ${tenantId} AND status = 'PUBLISHED'
        AND published_at < now() - make_interval(days => ${KEPT_PUBLISHED_DAYS}::int)
      ORDER BY published_at LIMIT ${BATCH_SIZE})`;

const deleteApplied = async (db: Statements, tenantId: string): Promise<number> =>
  db.$executeRaw`
    DELETE FROM inbox_events WHERE tenant_id = ${tenantId} AND (consumer, event_id) IN (
      SELECT consumer, event_id FROM inbox_events
      WHERE tenant_id = ${tenantId} AND status = 'APPLIED'
        AND received_at < now() - make_interval(days => ${KEPT_APPLIED_DAYS}::int)
      ORDER BY received_at LIMIT ${BATCH_SIZE})`;

/** Runs only for stores with old events; other stores' aggregates are deleted together with their next old event. */
const deleteAggregates = async (db: Statements, tenantId: string): Promise<number> =>
  db.$executeRaw`
    DELETE FROM inbox_aggregates WHERE tenant_id = ${tenantId} AND (consumer, aggregate_type, aggregate_id) IN (
      SELECT consumer, aggregate_type, aggregate_id FROM inbox_aggregates
      WHERE tenant_id = ${tenantId} AND updated_at < now() - make_interval(days => ${KEPT_AGGREGATES_DAYS}::int)
      LIMIT ${BATCH_SIZE})`;
