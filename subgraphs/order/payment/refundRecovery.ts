import { forEachConcurrent } from '../../shared/forEachConcurrent';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { listDueRefunds } from './refundLease';
import type { RefundWorker } from './refundWorker';

const INTERVAL_MS = 1_000;
const BATCH_SIZE = 20;
const CONCURRENCY = 4;

/** Resumes the refunds of all stores that a crash or a failed attempt left unfinished, as saga recovery does with sagas. */
export function startRefundRecovery(db: Db, worker: RefundWorker, logger: Logger): PeriodicTask {
  return startPeriodicTask({
    name: 'refund_recovery',
    // After a full batch more may be due.
    run: async (stopping) => (await recoverRefunds(db, worker, logger, stopping)) === BATCH_SIZE,
    everyMs: INTERVAL_MS,
    logger,
  });
}

/** One batch. @returns how many were due. */
async function recoverRefunds(db: Db, worker: RefundWorker, logger: Logger, stopping: AbortSignal): Promise<number> {
  const due = await runInScope({ task: 'refund_recovery' }, () => listDueRefunds(db, BATCH_SIZE));
  const resume = ({ tenantId, id }: { tenantId: string; id: string }) =>
    worker.resume(tenantId, id).catch((error: unknown) => {
      logger.error({ err: error, refundId: id }, 'refund not resumed; it is due again later');
    });
  await forEachConcurrent(due, CONCURRENCY, resume, stopping);
  return due.length;
}
