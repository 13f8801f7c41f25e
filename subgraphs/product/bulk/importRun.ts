import { isUniqueViolation } from '../../shared/constraints';
import { eachOf } from '../../shared/rounds';
import { limitReached, roomForProducts } from '../catalog/planLimit';
import { productSet } from '../catalog/productSet.service';
import type { Context } from '../context';
import type { ProductBulkJob } from '../generated/prisma/client';
import { uploadKey } from '../media/fileStore';
import { type Addition, type Change, type CheckedBatch, checkBatch, faultsOf, type SeenInFile } from './importBatch';
import { insertProducts } from './insertProducts';
import { checkpoint, holdOn, markChecked } from './jobLease';
import { type FileRecord, type LineFault, readRecords, UnreadableFile } from './readRecords';
import { findUnchanged } from './unchanged';

const PRODUCTS_A_BATCH = 200;
/** Fewer, when they are long. */
const BYTES_A_BATCH = 4 * 1024 * 1024;
/** Of each, its names are remembered until the end: nothing else of a file is. */
const MOST_VARIANTS_A_FILE = 250_000;
/** How many refusals are kept to be read; all are counted. */
const MOST_ERRORS_A_BATCH = 500;
const MOST_ATTEMPTS = 3;
/** Each takes a connection: what shoppers ask for needs them, too. */
const CHANGES_AT_ONCE = 3;
/** Well below the time that a lease lasts. */
const HOLD_ON_EVERY_MS = 5_000;

/** Stopped between two batches, because the process is about to end. */
export class Interrupted extends Error {}

/**
 * Reads an import's file and writes its products, batch by batch: a batch's additions, its refusals and the place it has come to are one
 * transaction, and its changes may be repeated. With REJECT_EVERYTHING all lines are looked at first, and any refusal ends it.
 * @returns why it failed as a whole; null when it did not. @throws LeaseLost | Interrupted, and whatever a later attempt may get over.
 */
export async function runImport(ctx: Context, job: ProductBulkJob, stopping: AbortSignal): Promise<string | null> {
  try {
    if (job.errorPolicy === 'IGNORE_FAILED') {
      await eachBatch(ctx, job, stopping, (batch, at) => apply(ctx, job, stopping, batch, at));
      return null;
    }
    if (!job.isChecked) {
      await eachBatch(ctx, job, stopping, (batch, at) => note(ctx, job, batch, { ...at, progress: at.progress / 2 }));
      const { failed } = await ctx.db.productBulkJob.findFirstOrThrow({
        where: { tenantId: ctx.tenantId, id: job.id },
        select: { failed: true },
      });
      if (failed > 0) return `${failed} refused: nothing was changed.`;
      await markChecked(ctx.db, job);
    }
    const half = (progress: number) => 500 + progress / 2;
    const from = job.isChecked ? job : { ...job, lastLine: 0 };
    await eachBatch(ctx, from, stopping, (batch, at) =>
      apply(ctx, job, stopping, batch, { ...at, progress: half(at.progress) }),
    );
    return null;
  } catch (error) {
    if (error instanceof UnreadableFile) return `The file can’t be read: ${error.message}`;
    throw error;
  }
}

interface Place {
  lastLine: number;
  progress: number;
  /** For another look, when the store has changed meanwhile. */
  records: FileRecord[];
  seen: SeenInFile;
}

/** From the line behind the last one that is done. */
async function eachBatch(
  ctx: Context,
  job: ProductBulkJob,
  stopping: AbortSignal,
  work: (batch: CheckedBatch, at: Place) => Promise<void>,
): Promise<void> {
  const file = await ctx.media.store.open(uploadKey(ctx.tenantId, job.fileId));
  if (!file) throw new UnreadableFile('nothing was uploaded');
  const seen: SeenInFile = { references: new Set(), skus: new Set(), slugs: new Set() };
  let records: FileRecord[] = [];
  let done = 0;
  const flush = async () => {
    const last = records.at(-1);
    if (!last) return;
    if (stopping.aborted) throw new Interrupted();
    const batch = await checkBatch(ctx, records, seen);
    const progress = Math.min(1000, Math.floor((last.bytes / Math.max(file.byteSize, 1)) * 1000));
    await work(batch, { lastLine: last.line, progress, records, seen });
    remember(records, seen);
    records = [];
    done = last.bytes;
  };
  try {
    for await (const record of readRecords(file.body, job.format)) {
      if (record.line <= job.lastLine) remember([record], seen);
      else records.push(record);
      if (records.length === PRODUCTS_A_BATCH || record.bytes - done > BYTES_A_BATCH) await flush();
    }
    await flush();
  } finally {
    file.body.destroy();
  }
}

/** @throws UnreadableFile when the file has more than can be remembered. */
function remember(records: FileRecord[], { references, skus, slugs }: SeenInFile): void {
  for (const { record } of records) {
    if (!record) continue;
    references.add(record.externalReference);
    if (record.slug) slugs.add(record.slug);
    for (const { sku } of record.variants) skus.add(sku);
  }
  if (skus.size > MOST_VARIANTS_A_FILE) throw new UnreadableFile(`more than ${MOST_VARIANTS_A_FILE} variants`);
}

async function apply(
  ctx: Context,
  job: ProductBulkJob,
  stopping: AbortSignal,
  first: CheckedBatch,
  at: Place,
): Promise<void> {
  const { changed, refused } = await applyChanges(ctx, job, stopping, first.changes);
  for (let [attempt, batch] = [1, first]; ; attempt += 1) {
    try {
      await ctx.db.$transaction(async (tx) => {
        const { within, beyond } = byRoom(ctx, batch.additions, await roomForProducts(tx, ctx));
        const faults = [...batch.faults, ...refused, ...beyond];
        await insertProducts(ctx, tx, within);
        await keepErrors(ctx, tx, job, faults);
        const step = { created: within.length, updated: changed, failed: faults.length };
        await checkpoint(tx, job, { lastLine: at.lastLine, progress: Math.floor(at.progress), ...step });
      });
      return;
    } catch (error) {
      // Somebody else has taken a slug or a SKU since it was looked at: the next look finds it taken.
      if (!isUniqueViolation(error) || attempt === MOST_ATTEMPTS) throw error;
      const added = new Set(batch.additions.map(({ line }) => line));
      const again = await checkBatch(
        ctx,
        at.records.filter(({ line }) => added.has(line)),
        at.seen,
      );
      batch = { ...again, faults: [...batch.faults, ...again.faults] };
    }
  }
}

/** As productSet does it, a few at once, but for what is the same: each is a transaction of its own, and may be done again. */
async function applyChanges(ctx: Context, job: ProductBulkJob, stopping: AbortSignal, changes: Change[]) {
  const refused: { line: number; faults: LineFault[] }[] = [];
  const unchanged = await findUnchanged(ctx, changes);
  const different = changes.filter((change) => !unchanged.has(change));
  let heldAt = performance.now();
  const set = async ({ line, externalReference, input }: Change) => {
    if (performance.now() - heldAt > HOLD_ON_EVERY_MS) {
      heldAt = performance.now();
      await holdOn(ctx.db, job);
    }
    const { userErrors } = await productSet(ctx, { identifier: { externalReference }, input });
    if (userErrors.length > 0) refused.push({ line, faults: userErrors.map(faultsOf) });
  };
  await eachOf(different, CHANGES_AT_ONCE, set, stopping);
  if (stopping.aborted) throw new Interrupted();
  return { changed: changes.length - refused.length, refused };
}

/** Only looked at: what was refused is kept, and how many products are to be added, which the plan has to have room for. */
async function note(ctx: Context, job: ProductBulkJob, batch: CheckedBatch, at: Place): Promise<void> {
  const { tenantId, db } = ctx;
  await db.$transaction(async (tx) => {
    const room = await roomForProducts(tx, ctx);
    const where = { tenantId, id: job.id };
    const { foundNew } = await tx.productBulkJob.findFirstOrThrow({ where, select: { foundNew: true } });
    const { within, beyond } = byRoom(ctx, batch.additions, room - foundNew);
    const faults = [...batch.faults, ...beyond];
    await keepErrors(ctx, tx, job, faults);
    const step = { foundNew: within.length, failed: faults.length };
    await checkpoint(tx, job, { lastLine: at.lastLine, progress: Math.floor(at.progress), ...step });
  });
}

/** The first that the store's plan has room for, and the others as refused. */
function byRoom(ctx: Context, additions: Addition[], room: number) {
  const count = Math.max(room, 0);
  const beyond = additions.slice(count).map(({ line }) => ({ line, faults: [limitReached(ctx, [])] }));
  return { within: additions.slice(0, count), beyond };
}

async function keepErrors(
  { tenantId }: Context,
  tx: Parameters<Parameters<Context['db']['$transaction']>[0]>[0],
  { id: jobId }: ProductBulkJob,
  refused: CheckedBatch['faults'],
): Promise<void> {
  const rows = refused.flatMap(({ line, faults }) =>
    faults.map(({ field, code, message }, ordinal) => ({ tenantId, jobId, line, ordinal, field, code, message })),
  );
  await tx.productImportError.createMany({ data: rows.slice(0, MOST_ERRORS_A_BATCH), skipDuplicates: true });
}
