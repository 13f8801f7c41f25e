import { setTimeout as sleep } from 'node:timers/promises';
import { runInScope } from '../scope';
import type { EventConsumer } from './consumer';
import type { EventType } from './eventCatalog';
import type { EventDatabase, Statements } from './eventDatabase';

const PAUSE_MS = 250;

interface ReplayRange {
  tenantId: string;
  /** Events that were recorded at this time or later … */
  since: Date;
  /** … and were published at this time or later; `since` when it is left out. */
  publishedSince?: Date;
  types: readonly EventType[];
}

/**
 * Publishes a store's events again, with the same ids and in the same order. Consumers ignore those that they have processed, unless
 * they were reset. @returns how many events.
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

/** @returns null while a relay publishes: it may be about to mark the events as published. The locked leases keep others from starting. */
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

/** Deletes what a consumer has made of a store's events, and the ids of those that it has processed: a replay then rebuilds it. */
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
      // A commutative consumer ignores versions but for gaps; without them, each aggregate's first event would wait for its predecessors.
      if (consumer.isCommutative) return;
      await tx.$executeRaw`
        DELETE FROM inbox_aggregates WHERE tenant_id = ${tenantId} AND consumer = ${consumer.name}`;
    }),
  );
}
