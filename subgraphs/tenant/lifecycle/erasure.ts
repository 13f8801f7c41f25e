import type { InTransaction } from '../../shared/database';
import { requireLease, unfencedLease } from '../../shared/lease';
import { type ErasedRows, eraseRows } from '../../shared/lifecycle/eraseRows';
import type { LifecycleClient } from '../../shared/lifecycle/lifecycleClient';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { TenantErasure } from '../generated/prisma/client';

/** Tables that record that a store existed and what was erased of it. They have no personal data. */
export const RETAINED_TABLES = ['tenants', 'tenant_erasures', 'clerk_organizations'] as const;

const POLL_MS = 60_000;
const BATCH_SIZE = 5;
/** Longer than an erasure takes. Once set, the column is never null again: a store whose erasure has begun can't be restored. */
const lease = unfencedLease('tenants', 30 * 60, 'erasure_lease_until');

export interface Erasure {
  db: Db;
  inTransaction: InTransaction;
  /** The other services' databases. They are erased first, because this one records that the erasure is complete. */
  others: { product: LifecycleClient; order: LifecycleClient };
  logger: Logger;
}

/**
 * Periodically erases the data of deleted stores after their grace period. Failures are retried: each step writes a receipt when it is
 * done, and each is idempotent.
 */
export const startErasures = (erasure: Erasure): PeriodicTask =>
  startPeriodicTask({
    name: 'store_erasure',
    run: async () => (await eraseDue(erasure)).length === BATCH_SIZE,
    everyMs: POLL_MS,
    logger: erasure.logger,
  });

/** One batch of the stores that are due. A failure does not stop the others. @returns the stores that were erased. */
export async function eraseDue(erasure: Erasure): Promise<string[]> {
  const due = await runInScope({ task: 'store_erasure' }, () =>
    erasure.db.tenant.findMany({
      where: { status: 'DELETED', erasedAt: null, eraseAfter: { lte: new Date() } },
      orderBy: { eraseAfter: 'asc' },
      take: BATCH_SIZE,
      select: { tenantId: true },
    }),
  );
  const erased: string[] = [];
  for (const { tenantId } of due) {
    try {
      if (await eraseStore(erasure, tenantId)) erased.push(tenantId);
    } catch (error) {
      erasure.logger.error({ err: error, tenantId }, 'store not erased; it is tried again');
    }
  }
  return erased;
}

/**
 * Erases a deleted store's data in the three databases, with a receipt for each.
 * @returns the receipts, or null when the store is not deleted, is already erased, or another process is erasing it.
 * @throws LeaseLost when another process has taken over the erasure.
 */
export async function eraseStore(
  { db, inTransaction, others, logger }: Erasure,
  tenantId: string,
): Promise<TenantErasure[] | null> {
  const [claim] = await runInScope(
    { tenantId },
    () => db.$queryRaw<{ fence: Date }[]>`
      UPDATE tenants SET ${lease.claim}
      WHERE tenant_id = ${tenantId} AND status = 'DELETED' AND erased_at IS NULL AND ${lease.isFree}
      RETURNING ${lease.token}`,
  );
  if (!claim) return null;
  try {
    for (const subgraph of ['order', 'product'] as const) {
      if (await hasReceipt(db, tenantId, subgraph)) continue;
      await writeReceipt(db, tenantId, subgraph, await others[subgraph].erase(tenantId, `erase-${tenantId}`));
    }
    const rows = await eraseRows(inTransaction, tenantId, RETAINED_TABLES);
    await writeReceipt(db, tenantId, 'tenant', rows);
    await markErased(db, tenantId, claim.fence);
  } catch (error) {
    await runInScope(
      { tenantId },
      () => db.$executeRaw`
        UPDATE tenants SET ${lease.release} WHERE tenant_id = ${tenantId} AND ${lease.isHeldBy(claim.fence)}`,
    );
    throw error;
  }
  logger.info({ tenantId }, 'store erased');
  return runInScope({ tenantId }, () =>
    db.tenantErasure.findMany({ where: { tenantId }, orderBy: { erasedAt: 'asc' } }),
  );
}

const hasReceipt = (db: Db, tenantId: string, subgraph: string) =>
  runInScope({ tenantId }, async () => {
    const receipt = await db.tenantErasure.findFirst({ where: { tenantId, subgraph }, select: { tenantId: true } });
    return receipt !== null;
  });

/** Needs no fencing token, since the first receipt stays: a repeated erasure finds no rows, and its receipt would be empty. */
const writeReceipt = (db: Db, tenantId: string, subgraph: string, erasedRows: ErasedRows) =>
  runInScope({ tenantId }, () =>
    db.tenantErasure.createMany({ data: [{ tenantId, subgraph, erasedRows }], skipDuplicates: true }),
  );

/** Only the organization's id and the fact that the store existed remain. Its slug becomes free for another store. */
async function markErased(db: Db, tenantId: string, fence: Date): Promise<void> {
  const { count } = await runInScope({ tenantId }, () =>
    db.tenant.updateMany({
      where: { tenantId, erasureLeaseUntil: fence },
      data: { name: '', slug: `erased ${tenantId}`, suspendedReason: null, erasedAt: new Date() },
    }),
  );
  requireLease(count);
}
