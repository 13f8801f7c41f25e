import { newId } from '../../shared/ids';
import { lockResource } from '../../shared/lockResource';
import { payload, refusal } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { BulkJobKind, ProductBulkJob } from '../generated/prisma/client';
import type { BulkFormat, ProductsImportInput, UserErrorCode } from '../generated/resolvers';

const EXPORT_KEPT_MS = 24 * 60 * 60 * 1000;
const MAX_OPEN_JOBS = 5;

export const CONTENT_TYPE_OF: Record<BulkFormat, string> = { CSV: 'text/csv', JSONL: 'application/x-ndjson' };

/** Adds a job that imports the products of an uploaded file. A worker does it later; the client asks for its progress by the job's id. */
export function productsImport(ctx: Context, { stagedUploadId, errorPolicy }: ProductsImportInput) {
  return payload<'productsImportJob', ProductBulkJob, UserErrorCode>('productsImportJob', async () => {
    const { tenantId, db, caller } = ctx;
    return db.$transaction(async (tx) => {
      await takeRoomForJob(ctx, tx);
      // A conditional update: of two imports of one upload, only one finds it unused.
      const [file] = await tx.mediaFile.updateManyAndReturn({
        where: { tenantId, id: stagedUploadId, purpose: 'PRODUCT_IMPORT', status: 'TEMPORARY' },
        data: { status: 'ATTACHED' },
      });
      if (!file)
        throw refusal<UserErrorCode>(
          ['input', 'stagedUploadId'],
          'NOT_FOUND',
          'There is no such upload, or it has been used.',
        );
      const format = file.contentType === CONTENT_TYPE_OF.CSV ? 'CSV' : 'JSONL';
      return tx.productBulkJob.create({
        data: {
          tenantId,
          id: newId('bulk'),
          kind: 'IMPORT',
          format,
          errorPolicy,
          fileId: file.id,
          ...ctx.actor,
          permissions: [...caller.permissions],
        },
      });
    });
  });
}

/** Adds a job that writes all of the store's products to a file, in the format that productsImport reads. */
export function productsExport(ctx: Context, format: BulkFormat) {
  return payload<'productsExportJob', ProductBulkJob, UserErrorCode>('productsExportJob', async () => {
    const { tenantId, db, caller } = ctx;
    return db.$transaction(async (tx) => {
      await takeRoomForJob(ctx, tx);
      const fileId = newId('file');
      await tx.mediaFile.create({
        data: {
          tenantId,
          id: fileId,
          purpose: 'PRODUCT_EXPORT',
          contentType: CONTENT_TYPE_OF[format],
          byteSize: 0,
          expiresAt: new Date(Date.now() + EXPORT_KEPT_MS),
        },
      });
      return tx.productBulkJob.create({
        data: {
          tenantId,
          id: newId('bulk'),
          kind: 'EXPORT',
          format,
          fileId,
          ...ctx.actor,
          permissions: [...caller.permissions],
        },
      });
    });
  });
}

export const findJob = ({ db, tenantId }: Context, kind: BulkJobKind, id: string): Promise<ProductBulkJob | null> =>
  db.productBulkJob.findFirst({ where: { tenantId, id, kind } });

/** A job's first errors, in the order of the file's lines. */
export const listErrors = ({ db, tenantId }: Context, jobId: string, first: number) =>
  db.productImportError.findMany({
    where: { tenantId, jobId },
    orderBy: [{ line: 'asc' }, { ordinal: 'asc' }],
    take: Math.min(Math.max(first, 1), 1_000),
  });

/**
 * Refuses a job when the store has too many unfinished ones. An advisory lock serializes the check and the insert, so two concurrent
 * requests can't both pass the limit.
 */
async function takeRoomForJob({ tenantId }: Context, tx: Tx): Promise<void> {
  await lockResource(tx, tenantId, 'bulk jobs');
  const open = await tx.productBulkJob.count({ where: { tenantId, finishedAt: null } });
  if (open >= MAX_OPEN_JOBS)
    throw refusal<UserErrorCode>([], 'INVALID', `${open} imports and exports are under way: wait for one.`);
}
