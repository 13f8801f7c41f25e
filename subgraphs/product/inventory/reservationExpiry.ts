import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { EXPIRE, transitionReservation } from './reservationTransition';

const POLL_MS = 5_000;
const BATCH_SIZE = 100;

/**
 * Releases expired reservations of every store. They are found across tenants, under a row-level security policy that shows expired
 * reservations and nothing else. Several processes may run it concurrently: a conditional update of the reservation's status decides
 * which of them releases it.
 */
export function startReservationExpiry(db: Db, logger: Logger): PeriodicTask {
  // A full batch means that more are due.
  const run = async () => (await expireReservations(db, logger)) === BATCH_SIZE;
  return startPeriodicTask({ name: 'reservation_expiry', run, everyMs: POLL_MS, logger });
}

/** Handles one batch. A reservation that fails does not stop the others. @returns how many were due. */
export async function expireReservations(db: Db, logger: Logger): Promise<number> {
  const due = await runInScope(
    { task: 'reservation_expiry' },
    () => db.$queryRaw<{ tenantId: string; orderId: string }[]>`
      SELECT tenant_id AS "tenantId", order_id AS "orderId" FROM stock_reservations
      WHERE status = 'RESERVED' AND expires_at <= now() ORDER BY expires_at LIMIT ${BATCH_SIZE}`,
  );
  for (const { tenantId, orderId } of due) {
    await runInScope({ tenantId }, () =>
      transitionReservation(db, { tenantId, orderId, actorId: null, impersonatorId: null }, EXPIRE),
    ).catch((error: unknown) => {
      logger.error({ err: error, orderId }, 'reservation not released; it is due again later');
    });
  }
  return due.length;
}
