import { setTimeout as sleep } from 'node:timers/promises';
import { runInScope } from '../scope';
import type { EventConsumer } from './consumer';
import type { EventType } from './eventCatalog';
import type { EventDatabase, Statements } from './eventDatabase';

const PAUSE_MS = 250;

interface ReplayRange {
  tenantId: string;
  /** Replays events that were recorded at this time or later … */
  since: Date;
  /** … and published at this time or later. Defaults to `since`. */
  publishedSince?: Date;
  types: readonly EventType[];
}

/**
 * Publishes a store's events again, with the same ids and in the same order. Consumers ignore events that they have processed, unless
 * they were reset. @returns how many events will be published.
 */
export async function replay(
  db: Statements,
  { tenantId, since, publishedSince = since, types }: ReplayRange,
): Promise<number> {
  for (;;) {
    const count = await replayNow(db, { tenantId, since, publishedSince, types });
    if (count !== null) return count;
    await sleep(PAUSE_MS);
  }
}

/** @returns null while a relay publishes, since it may be about to mark the events as published. Locking the leases keeps other relays from starting. */
async function replayNow(
  db: Statements,
  { tenantId, since, publishedSince, types }: Required<ReplayRange>,
): Promise<number | null> {
  const [replayed] = await runInScope(
    { tenantId },
    () => db.$queryRaw<{ count: number | null }[]>`
      WITH held AS (
        SELECT lease_until FROM outbox_leases WHERE tenant_id = ${tenantId} ORDER BY lane FOR UPDATE
      ), busy AS (
        SELECT coalesce(bool_or(lease_until > now()), false) AS it FROM held
      ), replayed AS (
        UPDATE outbox_events SET status = 'PENDING', published_at = NULL, taken_by = '{}', attempts = 0, due_at = now()
        WHERE tenant_id = ${tenantId} AND status = 'PUBLISHED' AND published_at >= ${publishedSince} AND occurred_at >= ${since}
          AND type = ANY(${types}) AND NOT (SELECT it FROM busy)
        RETURNING 1
      )
      SELECT CASE WHEN NOT it THEN (SELECT count(*)::int FROM replayed) END AS count FROM busy`,
  );
  return replayed?.count ?? null;
}

/** Deletes a consumer's rows of a store, and the ids of its processed events, so that a replay can rebuild the rows. */
export function resetConsumer<Tx extends Statements>(
  db: EventDatabase<Tx>,
  consumer: EventConsumer<Tx>,
  tenantId: string,
): Promise<void> {
  return runInScope({ tenantId }, () =>
    db.$transaction(async (tx) => {
      await consumer.reset?.(tx, tenantId);
      await tx.$executeRaw`
        DELETE FROM inbox_events WHERE tenant_id = ${tenantId} AND consumer = ${consumer.name}`;
      // The aggregates' versions are kept for a commutative consumer: it uses them only to find gaps, and without them the first event of
      // each aggregate would wait for predecessors.
      if (consumer.isCommutative) return;
      await tx.$executeRaw`
        DELETE FROM inbox_aggregates WHERE tenant_id = ${tenantId} AND consumer = ${consumer.name}`;
    }),
  );
}
