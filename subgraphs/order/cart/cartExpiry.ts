import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';

const INTERVAL_MS = 10 * 60 * 1000;
const BATCH_SIZE = 500;

/** Deletes expired carts of all stores, under a row-level policy that shows this task expired carts and nothing else. */
export function startCartExpiry(db: Db, logger: Logger): PeriodicTask {
  return startPeriodicTask({
    name: 'cart expiry',
    everyMs: INTERVAL_MS,
    logger,
    // After a full batch more may be due.
    run: async () => (await deleteExpiredCarts(db)) === BATCH_SIZE,
  });
}

/** One batch. @returns how many were deleted. */
export function deleteExpiredCarts(db: Db): Promise<number> {
  return runInScope(
    { task: 'cart_expiry' },
    () => db.$executeRaw`
      DELETE FROM carts WHERE (tenant_id, id) IN (
        SELECT tenant_id, id FROM carts WHERE expires_at <= now() ORDER BY expires_at LIMIT ${BATCH_SIZE})`,
  );
}
