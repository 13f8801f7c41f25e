import { serviceCaller } from '../../shared/caller';
import { LeaseLost } from '../../shared/lease';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import type { Permission } from '../../shared/permissions';
import { runInScope } from '../../shared/scope';
import { Context } from '../context';
import type { Db } from '../database';
import type { Media } from '../files/media';
import type { ProductBulkJob } from '../generated/prisma/client';
import { runExport } from './exportRun';
import { Interrupted, runImport } from './importRun';
import { claim, findDue, finish, release } from './jobLease';

const POLL_MS = 1_000;
/** After so many claims without a finished batch the job fails: the cause is its file, and not a crash of the process. */
const MAX_ATTEMPTS = 5;

/**
 * Runs imports and exports, one at a time, for as long as the process lives. When the process stops, the current batch is finished;
 * another process, or this one after its restart, continues with the next batch.
 */
export function startBulkWorker(db: Db, media: Media, logger: Logger): PeriodicTask {
  const run = (stopping: AbortSignal) => runDueJob(db, media, stopping);
  return startPeriodicTask({ name: 'product_bulk', run, everyMs: POLL_MS, logger });
}

/** @returns whether a job was due. */
export async function runDueJob(db: Db, media: Media, stopping: AbortSignal): Promise<boolean> {
  const due = await runInScope({ task: 'product_bulk' }, () => findDue(db));
  if (!due) return false;
  await runInScope({ tenantId: due.tenantId }, async () => {
    const job = await claim(db, due);
    if (job) await work(db, media, stopping, job);
  });
  return true;
}

async function work(db: Db, media: Media, stopping: AbortSignal, job: ProductBulkJob): Promise<void> {
  const { tenantId, id, actorId, impersonatorId, kind, attempts } = job;
  // The permissions that the caller had when the job was created.
  const permissions = job.permissions as Permission[];
  const caller = { ...serviceCaller(tenantId, id), userId: actorId, impersonatorId, permissions };
  const ctx = new Context(caller, db, media);
  try {
    if (attempts > MAX_ATTEMPTS) return await finish(db, job, 'It failed again and again, and was given up.');
    const failure = kind === 'IMPORT' ? await runImport(ctx, job, stopping) : await runExport(ctx, job, stopping);
    await finish(db, job, failure);
  } catch (error) {
    if (error instanceof LeaseLost) return;
    await release(db, job, error instanceof Interrupted ? 0 : 2 ** attempts);
    if (!(error instanceof Interrupted)) throw error;
  }
}
