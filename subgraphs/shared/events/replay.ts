import { setTimeout as sleep } from 'node:timers/promises';
import { runInScope } from '../scope';
import type { EventConsumer } from './consumer';
import type { EventType } from './eventCatalog';
import type { EventDatabase, Statements } from './eventDatabase';

const PAUSE_MS = 250;

interface ReplayRange {
  tenantId: string;
  /** When they happened, at the earliest. */
  since: Date;
  /** When they were published, at the earliest; as `since` where it is left out. */
  publishedSince?: Date;
  types: readonly EventType[];
}

/**
 * Publishes a store's events again, under their ids and in their order: who has had them ignores them, and who has not, or has
 * forgotten them, has them now. @returns how many.
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

/** @returns null while a relay may be in the middle of writing down what it has just published; none begins meanwhile. */
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

/** Forgets what a consumer has made of a store's events and that it had them: a replay after this makes it anew. */
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
      // Who counts late needs no version to know what is old; without one each first event would wait for those before it.
      if (consumer.isCommutative) return;
      await tx.$executeRaw`
        DELETE FROM inbox_aggregates WHERE tenant_id = ${tenantId} AND consumer = ${consumer.name}`;
    }),
  );
}
