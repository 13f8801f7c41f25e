import { forEachConcurrent } from '../../shared/forEachConcurrent';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { SagaRunner } from './sagaEngine';
import { listDue } from './sagaLease';

const INTERVAL_MS = 1_000;
const BATCH_SIZE = 20;
const CONCURRENCY = 4;

/**
 * Resumes the sagas of all stores that a crash or a failed step left unfinished. Only their list is read across tenants, under a
 * row-level policy that shows unfinished sagas and nothing else; each saga then runs in the scope of its own tenant. Several processes
 * may run recovery concurrently: the lease decides which of them resumes a saga.
 */
export function startSagaRecovery(db: Db, saga: SagaRunner, logger: Logger): PeriodicTask {
  return startPeriodicTask({
    name: 'saga_recovery',
    // After a full batch more may be due.
    run: async (stopping) => (await recoverDue(db, saga, logger, stopping)) === BATCH_SIZE,
    everyMs: INTERVAL_MS,
    logger,
  });
}

/** One batch of due sagas. A failure of one does not stop the others. @returns how many were due. */
export async function recoverDue(db: Db, saga: SagaRunner, logger: Logger, stopping?: AbortSignal): Promise<number> {
  const due = await runInScope({ task: 'saga_recovery' }, () => listDue(db, BATCH_SIZE));
  const resume = ({ tenantId, orderId }: { tenantId: string; orderId: string }) =>
    saga.resume(tenantId, orderId).catch((error: unknown) => {
      logger.error({ err: error, orderId }, 'saga not resumed; it is due again later');
    });
  await forEachConcurrent(due, CONCURRENCY, resume, stopping);
  return due.length;
}
