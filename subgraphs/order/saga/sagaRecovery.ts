import { forEachConcurrent } from '../../shared/forEachConcurrent';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { SagaEngine } from './sagaEngine';
import { listDue } from './sagaLease';

const POLL_MS = 1_000;
const BATCH = 20;
const CONCURRENCY = 4;

/**
 * Goes on with the orders that a crash, or a silent service, left half done, in every store. Looking for them is the one
 * thing done across tenants, under a policy that shows unfinished sagas and nothing else; each is then handled as its own
 * tenant. Several processes may look at once: a saga goes to the one that claims it.
 */
export function startSagaRecovery(db: Db, saga: SagaEngine, logger: Logger): PeriodicTask {
  return startPeriodicTask({
    name: 'saga_recovery',
    // A full batch: there are more.
    run: async (stopping) => (await recoverDue(db, saga, logger, stopping)) === BATCH,
    everyMs: POLL_MS,
    logger,
  });
}

/** One batch of the sagas that are due, a few at once. One that fails keeps none of the others. @returns how many there were. */
export async function recoverDue(db: Db, saga: SagaEngine, logger: Logger, stopping?: AbortSignal): Promise<number> {
  const due = await runInScope({ task: 'saga_recovery' }, () => listDue(db, BATCH));
  const resume = ({ tenantId, orderId }: { tenantId: string; orderId: string }) =>
    saga.resume(tenantId, orderId).catch((error: unknown) => {
      logger.error({ err: error, orderId }, 'saga not resumed; it is due again later');
    });
  await forEachConcurrent(due, CONCURRENCY, resume, stopping);
  return due.length;
}
