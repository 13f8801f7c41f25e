import type { Logger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { PlacementSaga } from './placementSaga';
import { listDue } from './sagaLease';

const POLL_MS = 1_000;
const BATCH = 20;
const AT_ONCE = 4;

/**
 * Goes on with the orders that a crash, or a silent service, left half done, in every store. Looking for them is the one
 * thing done across tenants, under a policy that shows unfinished sagas and nothing else; each is then handled as its own
 * tenant. Several processes may look at once: a saga goes to the one that claims it.
 */
export function startSagaRecovery(db: Db, saga: PlacementSaga, logger: Logger): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let round: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;

  const run = async () => {
    const handled = await recoverDue(db, saga, logger, stopping.signal).catch((error: unknown) => {
      logger.error({ err: error }, 'saga recovery failed; it tries again');
      return 0;
    });
    // A full batch: there are more.
    if (!stopping.signal.aborted) schedule(handled === BATCH ? 0 : POLL_MS);
  };
  const schedule = (delay: number) => {
    timer = setTimeout(() => {
      round = run();
    }, delay);
  };
  schedule(POLL_MS);
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await round;
    },
  };
}

/** One batch of the sagas that are due, a few at once. One that fails keeps none of the others. @returns how many there were. */
export async function recoverDue(db: Db, saga: PlacementSaga, logger: Logger, stopping?: AbortSignal): Promise<number> {
  const due = await runInScope({ task: 'saga_recovery' }, () => listDue(db, BATCH));
  const waiting = [...due];
  const worker = async () => {
    for (let next = waiting.shift(); next && !stopping?.aborted; next = waiting.shift()) {
      const { tenantId, orderId } = next;
      await saga.resume(tenantId, orderId).catch((error: unknown) => {
        logger.error({ err: error, orderId }, 'saga not resumed; it is due again later');
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return due.length;
}
