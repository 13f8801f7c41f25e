import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { DELIVERY_RETENTION_DAYS } from './deliveryQueue';

const EVERY_MS = 60 * 60 * 1000;
const BATCH_SIZE = 5_000;

/** Periodically deletes old deliveries. Several processes may run it concurrently. */
export const startDeliveryPruning = (db: Db, logger: Logger): PeriodicTask =>
  startPeriodicTask({
    name: 'pruning of webhook deliveries',
    everyMs: EVERY_MS,
    logger,
    run: async () => {
      const count = await pruneDeliveries(db);
      if (count > 0) logger.info({ count }, 'old webhook deliveries pruned');
      return false;
    },
  });

/** @returns how many rows were deleted. */
export async function pruneDeliveries(db: Db): Promise<number> {
  let pruned = 0;
  for (const tenantId of await listTenantsWithOldDeliveries(db)) {
    for (let count = BATCH_SIZE; count === BATCH_SIZE; pruned += count) count = await deleteBatch(db, tenantId);
  }
  return pruned;
}

/** A loose index scan: it reads one index entry for each store. */
function listTenantsWithOldDeliveries(db: Db): Promise<string[]> {
  return runInScope({ task: 'webhook_prune' }, async () => {
    const rows = await db.$queryRaw<{ tenantId: string }[]>`
      WITH RECURSIVE oldest AS (
        (SELECT tenant_id, created_at FROM event_deliveries ORDER BY tenant_id, created_at LIMIT 1)
        UNION ALL
        SELECT following.* FROM oldest, LATERAL (
          SELECT tenant_id, created_at FROM event_deliveries
          WHERE tenant_id > oldest.tenant_id ORDER BY tenant_id, created_at LIMIT 1) AS following
      )
      SELECT tenant_id AS "tenantId" FROM oldest
      WHERE created_at < now() - make_interval(days => ${DELIVERY_RETENTION_DAYS}::int)`;
    return rows.map(({ tenantId }) => tenantId);
  });
}

const deleteBatch = (db: Db, tenantId: string): Promise<number> =>
  runInScope(
    { tenantId },
    () =>
      db.$executeRaw`
      DELETE FROM event_deliveries WHERE tenant_id = ${tenantId} AND id IN (
        SELECT id FROM event_deliveries
        WHERE tenant_id = ${tenantId} AND status <> 'PENDING'
          AND created_at < now() - make_interval(days => ${DELIVERY_RETENTION_DAYS}::int)
        ORDER BY created_at LIMIT ${BATCH_SIZE})`,
  );
