import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { type FileStore, fileFolder, resizedFolder } from './fileStore';

const POLL_MS = 60_000;
const BATCH_SIZE = 100;

interface Due {
  tenantId: string;
  id: string;
}

/**
 * Removes files that nothing refers to: those of deleted images, and uploads that were never used. The row is deleted last, so the
 * next sweep finds what a crash left over. Each step is idempotent, so several processes may sweep without a lease.
 */
export function startMediaSweep(db: Db, store: FileStore, logger: Logger): PeriodicTask {
  // A full batch means that more are due.
  const run = async () => (await sweepMedia(db, store, logger)) === BATCH_SIZE;
  return startPeriodicTask({ name: 'media_sweep', run, everyMs: POLL_MS, logger });
}

/** Handles one batch. A file that fails does not stop the others. @returns how many files were removed. */
export async function sweepMedia(db: Db, store: FileStore, logger: Logger): Promise<number> {
  const due = await runInScope(
    { task: 'media_sweep' },
    () => db.$queryRaw<Due[]>`
      SELECT tenant_id AS "tenantId", id FROM media_files
      WHERE status <> 'ATTACHED' AND (status = 'REMOVED' OR expires_at <= now()) ORDER BY expires_at LIMIT ${BATCH_SIZE}`,
  );
  let removed = 0;
  for (const file of due) {
    try {
      if (await runInScope({ tenantId: file.tenantId }, () => removeFile(db, store, file))) removed += 1;
    } catch (error) {
      logger.error({ err: error, fileId: file.id }, 'file not removed; it is tried again');
    }
  }
  return removed;
}

async function removeFile(db: Db, store: FileStore, { tenantId, id }: Due): Promise<boolean> {
  // After this update no mutation can attach the file. A file that was attached meanwhile does not match, and stays.
  const claimed = await db.$executeRaw`
    UPDATE media_files SET status = 'REMOVED'
    WHERE tenant_id = ${tenantId} AND id = ${id} AND (status = 'REMOVED' OR (status = 'TEMPORARY' AND expires_at <= now()))`;
  if (claimed === 0) return false;
  for (const folder of [fileFolder(tenantId, id), resizedFolder(tenantId, id)]) await store.removeAll(folder);
  const { count } = await db.mediaFile.deleteMany({ where: { tenantId, id, status: 'REMOVED' } });
  return count > 0;
}
