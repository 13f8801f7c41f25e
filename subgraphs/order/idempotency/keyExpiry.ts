import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';

const INTERVAL_MS = 60_000;
const BATCH_SIZE = 1_000;

/**
 * Deletes idempotency keys that are two days old, of all stores. The row-level policy of this task hides keys of the last
 * 24 hours, so a mistake here can't delete one that clients still rely on.
 */
export function startIdempotencyExpiry(db: Db, logger: Logger): PeriodicTask {
  return startPeriodicTask({
    name: 'idempotency_expiry',
    // After a full batch more may be due.
    run: async () => (await deleteExpiredKeys(db)) === BATCH_SIZE,
    everyMs: INTERVAL_MS,
    logger,
  });
}

/** One batch. @returns how many were deleted. */
export function deleteExpiredKeys(db: Db): Promise<number> {
  return runInScope(
    { task: 'idempotency_expiry' },
    () => db.$executeRaw`
      DELETE FROM idempotency_keys WHERE (tenant_id, caller_id, operation, key) IN (
        SELECT tenant_id, caller_id, operation, key FROM idempotency_keys
        WHERE created_at < now() - interval '48 hours' ORDER BY created_at LIMIT ${BATCH_SIZE} FOR UPDATE SKIP LOCKED)`,
  );
}
