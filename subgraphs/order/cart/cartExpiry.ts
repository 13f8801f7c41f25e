import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';

const EVERY_MS = 10 * 60 * 1000;
const BATCH = 500;

/** Lets go of the carts of all stores whose time is over, under a policy that shows them and nothing else. */
export function startCartExpiry(db: Db, logger: Logger): PeriodicTask {
  return startPeriodicTask({
    name: 'cart expiry',
    everyMs: EVERY_MS,
    logger,
    run: async () => (await deleteExpiredCarts(db)) === BATCH,
  });
}

/** One batch. @returns how many there were. */
export function deleteExpiredCarts(db: Db): Promise<number> {
  return runInScope(
    { task: 'cart_expiry' },
    () => db.$executeRaw`
      DELETE FROM carts WHERE (tenant_id, id) IN (
        SELECT tenant_id, id FROM carts WHERE expires_at <= now() ORDER BY expires_at LIMIT ${BATCH})`,
  );
}
