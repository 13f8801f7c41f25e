import type { Logger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { PlacementSaga } from './placementSaga';

const POLL_MS = 1_000;
const BATCH = 20;

/**
 * Goes on with the orders that a crash, or a silent service, left half done, in every store. Looking for them is the one
 * thing done across tenants, under a policy that shows unfinished sagas and nothing else; each is then handled as its own
 * tenant. Several processes may look at once: a saga goes to the one that claims it.
 */
export function startSagaRecovery(db: Db, saga: PlacementSaga, logger: Logger): { stop(): Promise<void> } {
  let stopped = false;
  let round: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;

  const schedule = () => {
    timer = setTimeout(() => {
      round = recoverDue(db, saga)
        .catch((error: unknown) => logger.error({ err: error }, 'saga recovery failed; it tries again'))
        .then(() => {
          if (!stopped) schedule();
        });
    }, POLL_MS);
  };
  schedule();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}

/** One round: the sagas that are due, one after another. */
export async function recoverDue(db: Db, saga: PlacementSaga): Promise<void> {
  const due = await runInScope({ task: 'saga_recovery' }, () =>
    db.orderSaga.findMany({
      where: { finishedAt: null, leaseUntil: { lte: new Date() } },
      select: { tenantId: true, orderId: true },
      orderBy: { leaseUntil: 'asc' },
      take: BATCH,
    }),
  );
  for (const { tenantId, orderId } of due) await saga.resume(tenantId, orderId);
}
