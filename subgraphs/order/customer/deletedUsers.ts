import { UserErrors } from '../../shared/errors';
import type { EventConsumer } from '../../shared/events/consumer';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';
import { eraseUser } from './customerErase.service';

const POLL_MS = 10_000;
const BATCH = 20;
/** An order that is under way keeps its address so long; then it is asked again. */
const RETRY = '1 hour';
/** For so long someone may still hold a token, and buy with it. See MAX_LIFETIME_SECONDS of the gateway. */
const TOKENS_LIVE = '25 hours';

/** Keeps whose account is gone, from what the tenant subgraph tells. The event is the person's own, and so is the row. */
export const deletedUsers: EventConsumer<Tx> = {
  name: 'order.persons',
  isCommutative: false,
  effects: {
    'tenant.user.deleted': async (tx, { tenantId, time }) => {
      await tx.deletedUser.createMany({ data: [{ tenantId, deletedAt: new Date(time) }], skipDuplicates: true });
    },
  },
};

/** Forgets those persons in every store in which they have bought, for as long as the process lives. Several processes may. */
export const startUserErasure = (db: Db, logger: Logger): PeriodicTask =>
  startPeriodicTask({
    name: 'user_erasure',
    run: async (stopping) => (await eraseDueUsers(db, logger, stopping)) === BATCH,
    everyMs: POLL_MS,
    logger,
  });

/** One batch of those who are due. @returns how many there were. */
export async function eraseDueUsers(db: Db, logger: Logger, stopping?: AbortSignal): Promise<number> {
  const due = await runInScope({ task: 'user_erasure' }, () =>
    db.deletedUser.findMany({ orderBy: { dueAt: 'asc' }, take: BATCH, select: { tenantId: true } }),
  );
  for (const { tenantId: userId } of due) {
    if (stopping?.aborted) break;
    const isWhole = await eraseEverywhere(db, userId, logger);
    await runInScope(
      { tenantId: userId },
      () => db.$executeRaw`
        UPDATE deleted_users SET due_at = CASE
          WHEN NOT ${isWhole} OR deleted_at > now() - ${TOKENS_LIVE}::interval THEN now() + ${RETRY}::interval END
        WHERE tenant_id = ${userId}`,
    );
  }
  return due.length;
}

/** @returns whether nothing is left of them. One store that fails keeps no other from it. */
async function eraseEverywhere(db: Db, userId: string, logger: Logger): Promise<boolean> {
  const stores = await runInScope(
    { memberUserId: userId },
    () => db.$queryRaw<{ tenantId: string }[]>`
      SELECT tenant_id AS "tenantId" FROM customers WHERE user_id = ${userId}
      UNION SELECT tenant_id FROM orders WHERE customer_id = ${userId}
      UNION SELECT tenant_id FROM carts WHERE customer_id = ${userId}`,
  );
  let isWhole = true;
  for (const { tenantId } of stores) {
    try {
      await runInScope({ tenantId }, () => eraseUser(db, tenantId, userId));
      logger.info({ tenantId }, 'person of a deleted account forgotten');
    } catch (error) {
      isWhole = false;
      if (!(error instanceof UserErrors))
        logger.error({ err: error, tenantId }, 'person not forgotten; it is tried again');
    }
  }
  return isWhole;
}
