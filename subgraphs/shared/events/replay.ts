import { setTimeout as sleep } from 'node:timers/promises';
import { runInScope } from '../scope';
import type { EventConsumer } from './consumer';
import type { EventType } from './eventCatalog';
import type { EventDatabase, Statements } from './eventDatabase';
import { claimOutbox, releaseOutbox } from './outbox';

const LEASE_SECONDS = 30;
const PAUSE_MS = 250;

/**
 * Publishes a store's events again, under their ids and in their order: who has had them ignores them, and who has not, or has
 * forgotten them, has them now. @returns how many.
 */
export async function replay(
  db: Statements,
  { tenantId, since, types }: { tenantId: string; since: Date; types: readonly EventType[] },
): Promise<number> {
  // No relay is in the middle of writing down what it has just published.
  let lease = await claimOutbox(db, tenantId, LEASE_SECONDS);
  while (!lease) {
    await sleep(PAUSE_MS);
    lease = await claimOutbox(db, tenantId, LEASE_SECONDS);
  }
  const count = await runInScope(
    { tenantId },
    async () => db.$executeRaw`
      UPDATE outbox_events SET status = 'PENDING', published_at = NULL, attempts = 0, due_at = now()
      WHERE tenant_id = ${tenantId} AND status = 'PUBLISHED' AND published_at >= ${since} AND occurred_at >= ${since}
        AND type = ANY(${types})`,
  );
  await releaseOutbox(db, lease);
  return count;
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
      if (consumer.countsLate) return;
      await tx.$executeRaw`
        DELETE FROM inbox_aggregates WHERE tenant_id = ${tenantId} AND consumer = ${consumer.name}`;
    }),
  );
}
