import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { EXPIRE, transitionReservation } from './reservationTransition';

const POLL_MS = 5_000;
const BATCH_SIZE = 100;

/**
 * Releases reservations whose time is over, in every store. They are looked for across tenants, under a row-level security policy
 * that shows reservations whose time is over and nothing else. Several processes may do so at the same time: the reservation's
 * status decides which of them releases it.
 */
export function startReservationExpiry(db: Db, logger: Logger): PeriodicTask {
  // A full batch: there are more.
  const run = async () => (await expireReservations(db, logger)) === BATCH_SIZE;
  return startPeriodicTask({ name: 'reservation_expiry', run, everyMs: POLL_MS, logger });
}

/** One batch. A reservation that fails does not stop the others. @returns how many were due. */
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
