import type { Logger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { EXPIRE, settle } from './settlement';

const POLL_MS = 5_000;
const BATCH = 100;

/**
 * Gives back what orders have held for too long, in every store. Looking for them is the one thing done across tenants,
 * under a policy that shows reservations whose time is over and nothing else. Several processes may look at once: the
 * statement that gives back decides by the status which of them does it.
 */
export function startReservationExpiry(db: Db, logger: Logger): { stop(): Promise<void> } {
  let stopped = false;
  let round: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;

  const run = async () => {
    const found = await expireReservations(db, logger).catch((error: unknown) => {
      logger.error({ err: error }, 'expiry of reservations failed; it tries again');
      return 0;
    });
    // A full batch: there are more.
    if (!stopped) schedule(found === BATCH ? 0 : POLL_MS);
  };
  const schedule = (delay: number) => {
    timer = setTimeout(() => {
      round = run();
    }, delay);
  };
  schedule(POLL_MS);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
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
    await runInScope({ tenantId }, () => settle(db, { tenantId, orderId, actorId: null }, EXPIRE)).catch(
      (error: unknown) => {
        logger.error({ err: error, orderId }, 'reservation not given back; it is due again later');
      },
    );
  }
  return due.length;
}
