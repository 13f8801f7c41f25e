import { startLeasedTask } from '../../shared/leasedTask';
import type { Logger } from '../../shared/log';
import type { PeriodicTask } from '../../shared/periodicTask';
import type { Db } from '../database';
import { clerkDirectory } from './clerkDirectory';
import { reconcile } from './reconcile.service';

interface Schedule {
  secretKey: string;
  apiUrl: string | undefined;
  intervalMs: number;
}

/** Reconciles with Clerk periodically, in one instance: it calls Clerk for each store and member. Stopping ends the current run. */
export const startReconciliation = (
  db: Db,
  { secretKey, apiUrl, intervalMs }: Schedule,
  logger: Logger,
): PeriodicTask =>
  startLeasedTask({
    db,
    name: 'reconciliation',
    everyMs: intervalMs,
    run: async (stopping) => {
      try {
        const clerk = clerkDirectory(secretKey, { apiUrl, signal: stopping });
        logger.info(await reconcile({ db, clerk, logger }), 'reconciled with Clerk');
      } catch (error) {
        if (!stopping.aborted) throw error;
      }
    },
    logger,
  });
