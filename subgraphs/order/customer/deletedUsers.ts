import type { EventConsumer } from '../../shared/events/consumer';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import { UserErrors } from '../../shared/userErrors';
import type { Db, Tx } from '../database';
import { eraseUser } from './customerErase.service';

const POLL_MS = 10_000;
const BATCH_SIZE = 20;
/** The interval of retries while an order in progress still needs its address. */
const RETRY_INTERVAL = '1 hour';
/** How long a session token of a deleted account may stay valid and place orders. See MAX_LIFETIME_SECONDS of the gateway. */
const TOKEN_LIFETIME = '25 hours';

/** Stores which accounts were deleted. Event and row have the account's id as their tenant id, because they belong to no store. */
export const deletedUsers: EventConsumer<Tx> = {
  name: 'order.persons',
  isCommutative: false,
  effects: {
    'tenant.user.deleted': async (tx, { tenantId, time }) => {
      await tx.deletedUser.createMany({ data: [{ tenantId, deletedAt: new Date(time) }], skipDuplicates: true });
    },
  },
};

/** Erases the data of deleted accounts in every store that they used. Idempotent, so several processes may run it concurrently. */
export const startUserErasure = (db: Db, logger: Logger): PeriodicTask =>
  startPeriodicTask({
    name: 'user_erasure',
    run: async (stopping) => (await eraseDueUsers(db, logger, stopping)) === BATCH_SIZE,
    everyMs: POLL_MS,
    logger,
  });

/** One batch. @returns how many accounts were due. */
export async function eraseDueUsers(db: Db, logger: Logger, stopping?: AbortSignal): Promise<number> {
  const due = await runInScope({ task: 'user_erasure' }, () =>
    db.deletedUser.findMany({ orderBy: { dueAt: 'asc' }, take: BATCH_SIZE, select: { tenantId: true } }),
  );
  for (const { tenantId: userId } of due) {
    if (stopping?.aborted) break;
    const isComplete = await eraseEverywhere(db, userId, logger);
    await runInScope(
      { tenantId: userId },
      () => db.$executeRaw`
        UPDATE deleted_users SET due_at = CASE
          WHEN NOT ${isComplete} OR deleted_at > now() - ${TOKEN_LIFETIME}::interval THEN now() + ${RETRY_INTERVAL}::interval END
        WHERE tenant_id = ${userId}`,
    );
  }
  return due.length;
}

/** @returns whether all data is erased. A failure in one store does not stop the others. */
async function eraseEverywhere(db: Db, userId: string, logger: Logger): Promise<boolean> {
  const stores = await runInScope(
    { memberUserId: userId },
    () => db.$queryRaw<{ tenantId: string }[]>`
      SELECT tenant_id AS "tenantId" FROM customers WHERE user_id = ${userId}
      UNION SELECT tenant_id FROM orders WHERE customer_id = ${userId}
      UNION SELECT tenant_id FROM carts WHERE customer_id = ${userId}`,
  );
  let isComplete = true;
  for (const { tenantId } of stores) {
    try {
      await runInScope({ tenantId }, () => eraseUser(db, tenantId, userId));
      logger.info({ tenantId }, 'data of a deleted account erased');
    } catch (error) {
      isComplete = false;
      if (!(error instanceof UserErrors))
        logger.error({ err: error, tenantId }, 'data of a deleted account not erased; it is tried again');
    }
  }
  return isComplete;
}
