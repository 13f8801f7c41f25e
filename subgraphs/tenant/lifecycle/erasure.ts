import type { InTransaction } from '../../shared/database';
import { type ErasedRows, eraseRows } from '../../shared/lifecycle/eraseRows';
import type { LifecycleClient } from '../../shared/lifecycle/lifecycleClient';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { TenantErasure } from '../generated/prisma/client';

/** Tables of this database that say that a store existed and what was erased of it. They hold nothing of a person's. */
export const KEPT_TABLES = ['tenants', 'tenant_erasures', 'clerk_organizations'] as const;

const POLL_MS = 60_000;
const BATCH = 5;
/** Longer than an erasure takes: the process that began it is gone after this, and another goes on. */
const LEASE_MS = 30 * 60 * 1000;

export interface Erasure {
  db: Db;
  inTransaction: InTransaction;
  /** The databases of the other services, erased before this one: whether a store is erased is written here. */
  others: { product: LifecycleClient; order: LifecycleClient };
  logger: Logger;
}

/**
 * Erases the data of the deleted stores whose grace period is over, for as long as the process lives. What fails is tried
 * again: each step that is done has its receipt, and each may be repeated.
 */
export const startErasures = (erasure: Erasure): PeriodicTask =>
  startPeriodicTask({
    name: 'store_erasure',
    run: async () => (await eraseDue(erasure)).length === BATCH,
    everyMs: POLL_MS,
    logger: erasure.logger,
  });

/** One batch of the stores that are due. One that fails keeps none of the others. @returns the stores that were erased. */
export async function eraseDue(erasure: Erasure): Promise<string[]> {
  const due = await runInScope({ task: 'store_erasure' }, () =>
    erasure.db.tenant.findMany({
      where: { status: 'DELETED', erasedAt: null, eraseAfter: { lte: new Date() } },
      orderBy: { eraseAfter: 'asc' },
      take: BATCH,
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
 * @returns the receipts, or null when it is no deleted store, was erased already, or another process is at it.
 */
export async function eraseStore(
  { db, inTransaction, others, logger }: Erasure,
  tenantId: string,
): Promise<TenantErasure[] | null> {
  const now = new Date();
  const claimed = await runInScope({ tenantId }, () =>
    db.tenant.updateMany({
      where: {
        tenantId,
        status: 'DELETED',
        erasedAt: null,
        OR: [{ erasureLeaseUntil: null }, { erasureLeaseUntil: { lt: now } }],
      },
      data: { erasureLeaseUntil: new Date(now.getTime() + LEASE_MS) },
    }),
  );
  if (claimed.count === 0) return null;
  try {
    for (const subgraph of ['order', 'product'] as const) {
      if (await hasReceipt(db, tenantId, subgraph)) continue;
      await writeReceipt(db, tenantId, subgraph, await others[subgraph].erase(tenantId, `erase-${tenantId}`));
    }
    const rows = await eraseRows(inTransaction, tenantId, KEPT_TABLES);
    await writeReceipt(db, tenantId, 'tenant', rows);
    await forgetStore(db, tenantId);
  } catch (error) {
    await runInScope({ tenantId }, () =>
      // Begun, and so never to be restored; free for whoever tries next.
      db.tenant.updateMany({ where: { tenantId }, data: { erasureLeaseUntil: new Date(0) } }),
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

/** The first receipt counts: a repeat finds no rows, and would say that there were none. */
const writeReceipt = (db: Db, tenantId: string, subgraph: string, erasedRows: ErasedRows) =>
  runInScope({ tenantId }, () =>
    db.tenantErasure.createMany({ data: [{ tenantId, subgraph, erasedRows }], skipDuplicates: true }),
  );

/** What is left of a store: its organization's id, and that it was. Its address is free for another. */
const forgetStore = (db: Db, tenantId: string) =>
  runInScope({ tenantId }, () =>
    db.tenant.updateMany({
      where: { tenantId },
      data: { name: '', slug: `erased ${tenantId}`, suspendedReason: null, erasedAt: new Date() },
    }),
  );
