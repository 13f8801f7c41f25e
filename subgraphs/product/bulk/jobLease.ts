import { fencedLease, requireLease } from '../../shared/lease';
import type { Db, Tx } from '../database';
import type { ProductBulkJob } from '../generated/prisma/client';

/** Each batch renews the lease and takes far less time, so an expired lease means that its process died. */
const LEASE_SECONDS = 20;

const lease = fencedLease('product_bulk_jobs', LEASE_SECONDS);

export interface DueJob {
  tenantId: string;
  id: string;
}

/** The oldest unfinished job of all stores whose lease is free, by the database's clock. Runs in the scope of product_bulk. */
export const findDue = async (db: Db): Promise<DueJob | null> => {
  const [due] = await db.$queryRaw<DueJob[]>`
    SELECT tenant_id AS "tenantId", id FROM product_bulk_jobs
    WHERE finished_at IS NULL AND ${lease.isFree} ORDER BY created_at LIMIT 1`;
  return due ?? null;
};

/** Null when another process has claimed or finished the job. */
export async function claim(db: Db, { tenantId, id }: DueJob): Promise<ProductBulkJob | null> {
  const [claimed] = await db.$queryRaw<{ fence: number }[]>`
    UPDATE product_bulk_jobs
    SET status = 'RUNNING', ${lease.claim}, attempts = attempts + 1
    WHERE tenant_id = ${tenantId} AND id = ${id} AND finished_at IS NULL AND ${lease.isFree}
    RETURNING ${lease.token}`;
  return claimed ? db.productBulkJob.findFirst({ where: { tenantId, id, fence: claimed.fence } }) : null;
}

/** The results of one batch, added to the job's totals. */
export interface Step {
  lastLine: number;
  progress: number;
  created?: number;
  foundNew?: number;
  updated?: number;
  unchanged?: number;
  failed?: number;
}

/** Records a batch in the transaction that writes it, so that a crash can't repeat it. Renews the lease. @throws LeaseLost */
export async function checkpoint(tx: Tx | Db, { tenantId, id, fence }: ProductBulkJob, step: Step): Promise<void> {
  const { lastLine, progress, created = 0, foundNew = 0, updated = 0, unchanged = 0, failed = 0 } = step;
  const count = await tx.$executeRaw`
    UPDATE product_bulk_jobs
    SET last_line = ${lastLine}, progress = ${progress}, created = created + ${created}, updated = updated + ${updated},
      unchanged = unchanged + ${unchanged}, failed = failed + ${failed}, found_new = found_new + ${foundNew}, attempts = 0, ${lease.renew}
    WHERE tenant_id = ${tenantId} AND id = ${id} AND ${lease.isHeldBy(fence)} AND finished_at IS NULL`;
  requireLease(count);
}

/** Validation has passed: writing begins at the first line. @throws LeaseLost */
export async function markChecked(db: Db, { tenantId, id, fence }: ProductBulkJob): Promise<void> {
  const where = { tenantId, id, fence, finishedAt: null };
  const { count } = await db.productBulkJob.updateMany({ where, data: { isChecked: true, lastLine: 0 } });
  requireLease(count);
}

/** Ends a job. An import's file is removed; an export's file stays for a day. @throws LeaseLost */
export async function finish(db: Db, job: ProductBulkJob, failure: string | null): Promise<void> {
  const { tenantId, id, fence, kind, fileId } = job;
  await db.$transaction(async (tx) => {
    const { count } = await tx.productBulkJob.updateMany({
      where: { tenantId, id, fence, finishedAt: null },
      data: {
        status: failure === null ? 'SUCCEEDED' : 'FAILED',
        failure,
        finishedAt: new Date(),
        ...(failure === null && { progress: 1000 }),
      },
    });
    requireLease(count);
    if (kind === 'IMPORT' || failure !== null) {
      await tx.mediaFile.updateMany({ where: { tenantId, id: fileId }, data: { status: 'REMOVED' } });
    }
  });
}

/** Gives the lease back, so that any process can continue the job after `seconds`. */
export async function release(db: Db, { tenantId, id, fence }: ProductBulkJob, seconds: number): Promise<void> {
  await db.$executeRaw`
    UPDATE product_bulk_jobs SET ${lease.defer(seconds)}
    WHERE tenant_id = ${tenantId} AND id = ${id} AND ${lease.isHeldBy(fence)} AND finished_at IS NULL`;
}
