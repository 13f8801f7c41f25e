import type { Logger } from '../../shared/log';
import type { Db } from '../database';
import { clerkDirectory } from './clerkDirectory';
import { reconcile } from './reconcile.service';

export interface Schedule {
  secretKey: string;
  apiUrl: string | undefined;
  intervalMs: number;
}

/**
 * Reconciles with Clerk again and again. Several instances may: what one has repaired the next finds right. The first round
 * begins after a random part of the interval, so that instances that start together do not ask Clerk together. A stop ends
 * the round that is under way.
 */
export function startReconciliation(
  db: Db,
  { secretKey, apiUrl, intervalMs }: Schedule,
  logger: Logger,
): { stop(): Promise<void> } {
  let round: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const stopping = new AbortController();
  const clerk = clerkDirectory(secretKey, { apiUrl, signal: stopping.signal });

  const run = async () => {
    try {
      logger.info(await reconcile({ db, clerk, logger }), 'reconciled with Clerk');
    } catch (error) {
      if (stopping.signal.aborted) return;
      logger.error({ err: error }, 'reconciliation with Clerk failed; it is tried again');
    }
    if (!stopping.signal.aborted) schedule(intervalMs);
  };
  const schedule = (delay: number) => {
    timer = setTimeout(() => {
      round = run();
    }, delay);
  };
  schedule(Math.random() * intervalMs);
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await round;
    },
  };
}
