import { backOffSeconds, failedAttempt, fencedLease, requireLease } from '../../shared/lease';
import type { Db } from '../database';
import type { OrderRefund } from '../generated/prisma/client';

/** Longer than the slowest call of a provider, with its retries. */
const LEASE_SECONDS = 30;
const MAX_BACK_OFF_SECONDS = 600;

const lease = fencedLease('order_refunds', LEASE_SECONDS);

/** The refunds of all stores whose lease has expired. Runs in the scope of refund_recovery. */
export function listDueRefunds(db: Db, limit: number): PromiseLike<{ tenantId: string; id: string }[]> {
  return db.$queryRaw`
    SELECT tenant_id AS "tenantId", id FROM order_refunds
    WHERE finished_at IS NULL AND ${lease.isFree} ORDER BY lease_until LIMIT ${limit}`;
}

/** Claims the lease of a refund. @returns null when another process has it, or the refund is finished. */
export async function claimRefund(db: Db, tenantId: string, id: string): Promise<OrderRefund | null> {
  const [claimed] = await db.$queryRaw<{ fence: number }[]>`
    UPDATE order_refunds SET ${lease.claim}
    WHERE tenant_id = ${tenantId} AND id = ${id} AND finished_at IS NULL AND ${lease.isFree} RETURNING ${lease.token}`;
  return claimed ? db.orderRefund.findFirst({ where: { tenantId, id, fence: claimed.fence } }) : null;
}

/** For SET of an UPDATE of order_refunds: recovery retries it as soon as possible. */
export const wakeRefund = lease.release;

/** Marks the refund as finished. @throws LeaseLost */
export async function finishRefund(db: Db, { tenantId, id, fence }: OrderRefund): Promise<void> {
  requireLease(
    await db.$executeRaw`
      UPDATE order_refunds SET finished_at = now(), last_error = NULL
      WHERE tenant_id = ${tenantId} AND id = ${id} AND ${lease.isHeldBy(fence)} AND finished_at IS NULL`,
  );
}

/** Recovery retries later, with back-off. @param error null when the provider needs time: this is no failure. */
export async function postponeRefund(
  db: Db,
  { tenantId, id, fence, attempts }: OrderRefund,
  error: unknown,
): Promise<void> {
  await db.$executeRaw`
    UPDATE order_refunds SET ${failedAttempt(lease, backOffSeconds(attempts, MAX_BACK_OFF_SECONDS), error)}
    WHERE tenant_id = ${tenantId} AND id = ${id} AND ${lease.isHeldBy(fence)} AND finished_at IS NULL`;
}
