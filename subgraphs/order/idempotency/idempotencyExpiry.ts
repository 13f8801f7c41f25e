import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';

const EVERY_MS = 60_000;
const BATCH = 1_000;

/**
 * Forgets idempotency keys that are two days old. The policy of this task does not even show keys of the last 24 hours, so
 * none of those can be lost by a mistake here.
 */
export function startIdempotencyExpiry(db: Db, logger: Logger): PeriodicTask {
  return startPeriodicTask({
    name: 'idempotency_expiry',
    run: async () => (await expireKeys(db)) === BATCH,
    everyMs: EVERY_MS,
    logger,
  });
}

/** One batch. @returns how many were forgotten. */
export function expireKeys(db: Db): Promise<number> {
  return runInScope(
    { task: 'idempotency_expiry' },
    () => db.$executeRaw`
      DELETE FROM idempotency_keys WHERE (tenant_id, caller_id, operation, key) IN (
        SELECT tenant_id, caller_id, operation, key FROM idempotency_keys
        WHERE created_at < now() - interval '48 hours' ORDER BY created_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
  );
}
