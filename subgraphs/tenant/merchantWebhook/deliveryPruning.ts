import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { KEPT_DELIVERIES_DAYS } from './deliveryLog';

const EVERY_MS = 60 * 60 * 1000;
const ROWS_AT_A_TIME = 5_000;

/** Forgets old deliveries, for as long as the process lives. Any number of processes may. */
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

/** @returns how many rows went. */
export async function pruneDeliveries(db: Db): Promise<number> {
  let pruned = 0;
  for (const tenantId of await listTenantsWithOld(db)) {
    for (let count = ROWS_AT_A_TIME; count === ROWS_AT_A_TIME; pruned += count) count = await deleteSome(db, tenantId);
  }
  return pruned;
}

/** One look into the index for each store. */
function listTenantsWithOld(db: Db): Promise<string[]> {
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
      WHERE created_at < now() - make_interval(days => ${KEPT_DELIVERIES_DAYS}::int)`;
    return rows.map(({ tenantId }) => tenantId);
  });
}

const deleteSome = (db: Db, tenantId: string): Promise<number> =>
  runInScope(
    { tenantId },
    () =>
      db.$executeRaw`
      DELETE FROM event_deliveries WHERE tenant_id = ${tenantId} AND id IN (
        SELECT id FROM event_deliveries
        WHERE tenant_id = ${tenantId} AND status <> 'PENDING'
          AND created_at < now() - make_interval(days => ${KEPT_DELIVERIES_DAYS}::int)
        ORDER BY created_at LIMIT ${ROWS_AT_A_TIME})`,
  );
