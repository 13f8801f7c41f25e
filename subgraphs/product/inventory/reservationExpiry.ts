import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { EXPIRE, settle } from './reservationTransition';

const POLL_MS = 5_000;
const BATCH = 100;

/**
 * Gives back what orders have held for too long, in every store. Looking for them is the one thing done across tenants,
 * under a policy that shows reservations whose time is over and nothing else. Several processes may look at once: the
 * statement that gives back decides by the status which of them does it.
 */
export function startReservationExpiry(db: Db, logger: Logger): PeriodicTask {
  // A full batch: there are more.
  const run = async () => (await expireReservations(db, logger)) === BATCH;
  return startPeriodicTask({ name: 'reservation_expiry', run, everyMs: POLL_MS, logger });
}

/** One batch of those that are due. One that fails keeps none of the others. @returns how many there were. */
export async function expireReservations(db: Db, logger: Logger): Promise<number> {
  const due = await runInScope(
    { task: 'reservation_expiry' },
    () => db.$queryRaw<{ tenantId: string; orderId: string }[]>`
      SELECT tenant_id AS "tenantId", order_id AS "orderId" FROM stock_reservations
      WHERE status = 'RESERVED' AND expires_at <= now() ORDER BY expires_at LIMIT ${BATCH}`,
  );
  for (const { tenantId, orderId } of due) {
    await runInScope({ tenantId }, () =>
      settle(db, { tenantId, orderId, actorId: null, impersonatorId: null }, EXPIRE),
    ).catch((error: unknown) => {
      logger.error({ err: error, orderId }, 'reservation not given back; it is due again later');
    });
  }
  return due.length;
}
