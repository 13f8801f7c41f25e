import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import type { Db } from '../database';
import { clerkDirectory } from './clerkDirectory';
import { reconcile } from './reconcile.service';

interface Schedule {
  secretKey: string;
  apiUrl: string | undefined;
  intervalMs: number;
}

/**
 * Reconciles with Clerk periodically. It is idempotent, so several instances may run it. The first run starts after a random part of the
 * interval (jitter), so that instances that start together do not call Clerk together. Stopping ends the current run.
 */
export const startReconciliation = (
  db: Db,
  { secretKey, apiUrl, intervalMs }: Schedule,
  logger: Logger,
): PeriodicTask =>
  startPeriodicTask({
    name: 'reconciliation',
    run: async (stopping) => {
      try {
        const clerk = clerkDirectory(secretKey, { apiUrl, signal: stopping });
        logger.info(await reconcile({ db, clerk, logger }), 'reconciled with Clerk');
      } catch (error) {
        if (!stopping.aborted) throw error;
      }
      return false;
    },
    firstAfterMs: Math.random() * intervalMs,
    everyMs: intervalMs,
    logger,
  });
