import type { Logger } from '../../shared/log';
import type { Db } from '../database';
import type { ClerkDirectory } from './clerkDirectory';
import { reconcile } from './reconcile.service';

/**
 * Reconciles with Clerk again and again. Several instances may: what one has repaired the next finds right. The first round
 * begins after a random part of the interval, so that instances that start together do not ask Clerk together.
 */
export function startReconciliation(
  db: Db,
  clerk: ClerkDirectory,
  intervalMs: number,
  logger: Logger,
): { stop(): Promise<void> } {
  let round: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  let isStopping = false;

  const run = async () => {
    try {
      logger.info(await reconcile(db, clerk), 'reconciled with Clerk');
    } catch (error) {
      logger.error({ err: error }, 'reconciliation with Clerk failed; it is tried again');
    }
    if (!isStopping) schedule(intervalMs);
  };
  const schedule = (delay: number) => {
    timer = setTimeout(() => {
      round = run();
    }, delay);
  };
  schedule(Math.random() * intervalMs);
  return {
    stop: async () => {
      isStopping = true;
      clearTimeout(timer);
      await round;
    },
  };
}
