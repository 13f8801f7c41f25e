import { isForeignKeyViolation, isUniqueViolation } from '../../shared/constraints';
import { type ProductRoom, productLimitReached, roomForProducts } from '../catalog/planLimit';
import type { Context } from '../context';
import type { Tx } from '../database';
import { uploadKey } from '../files/fileStore';
import type { ProductBulkJob } from '../generated/prisma/client';
import { isWhole } from '../products/partialProduct';
import { findSetFaults, type SetOutcome, setProducts } from '../products/setProducts';
import { insertProducts } from '../write/insertProducts';
import { decodeFile } from './decodeFile';
import { type CheckedBatch, checkBatch, type SeenInFile } from './importBatch';
import { lineFault } from './importedProduct';
import { checkpoint, markChecked } from './jobLease';
import { type FileRecord, readRecords } from './readRecords';
import { UnreadableFile } from './splitLines';

const PRODUCTS_A_BATCH = 200;
/** A batch ends earlier when its products are long or have many variants: it is one transaction, whose locks others wait for. */
const BYTES_A_BATCH = 4 * 1024 * 1024;
const VARIANTS_A_BATCH = 2_000;
/** Only SKUs, slugs and references stay in memory until the end of the file; this limits how many. */
const MAX_VARIANTS_PER_FILE = 250_000;
/** How many errors of a batch are stored; all of them are counted. */
const MAX_ERRORS_PER_BATCH = 500;
const MAX_ATTEMPTS = 3;

/** Stopped between two batches, because the process is about to end. */
export class Interrupted extends Error {}

/**
 * Reads an import's file and writes its products in batches. One transaction writes a batch's products, its errors and the line
 * reached. With REJECT_EVERYTHING a first pass validates all lines, and any error ends the import.
 * @returns why the whole import failed; null when it did not. @throws LeaseLost | Interrupted, and any error worth another attempt.
 */
export async function runImport(ctx: Context, job: ProductBulkJob, stopping: AbortSignal): Promise<string | null> {
  try {
    if (job.errorPolicy === 'IGNORE_FAILED') {
      if (job.lastLine === 0) await requireText(ctx, job);
      await eachBatch(ctx, job, stopping, (batch, at) => apply(ctx, job, batch, at));
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
    await eachBatch(ctx, from, stopping, (batch, at) => apply(ctx, job, batch, { ...at, progress: half(at.progress) }));
    return null;
  } catch (error) {
    if (error instanceof UnreadableFile) return `The file can’t be read: ${error.message}`;
    throw error;
  }
}

/** Whatever else is wrong with a file, what comes before it is written: but no letter of a file whose encoding is a guess. @throws UnreadableFile */
async function requireText(ctx: Context, job: ProductBulkJob): Promise<void> {
  const { body } = await openFile(ctx, job);
  try {
    for await (const _ of decodeFile(body));
  } finally {
    body.destroy();
  }
}

/** @throws UnreadableFile */
async function openFile({ media, tenantId }: Context, { fileId }: ProductBulkJob) {
  const file = await media.store.open(uploadKey(tenantId, fileId));
  if (!file) throw new UnreadableFile('nothing was uploaded');
  return file;
}

interface Place {
  lastLine: number;
  progress: number;
  /** Validated again when the store has changed meanwhile. */
  records: FileRecord[];
  seen: SeenInFile;
}

/** Calls `work` for each batch, beginning after the last line that is done. */
async function eachBatch(
  ctx: Context,
  job: ProductBulkJob,
  stopping: AbortSignal,
  work: (batch: CheckedBatch, at: Place) => Promise<void>,
): Promise<void> {
  const file = await openFile(ctx, job);
  const seen: SeenInFile = { references: new Set(), skus: new Set(), slugs: new Set() };
  let records: FileRecord[] = [];
  let [done, variants] = [0, 0];
  const flush = async () => {
    const last = records.at(-1);
    if (!last) return;
    if (stopping.aborted) throw new Interrupted();
    const batch = await checkBatch(ctx, records, seen);
    const progress = Math.min(1000, Math.floor((last.bytes / Math.max(file.byteSize, 1)) * 1000));
    await work(batch, { lastLine: last.line, progress, records, seen });
    remember(records, seen);
    records = [];
    [done, variants] = [last.bytes, 0];
  };
  try {
    for await (const record of readRecords(file.body, job.format)) {
      if (record.line <= job.lastLine) {
        remember([record], seen);
        continue;
      }
      records.push(record);
      variants += record.record?.variants?.length ?? 0;
      const isFull = records.length === PRODUCTS_A_BATCH || variants >= VARIANTS_A_BATCH;
      if (isFull || record.bytes - done > BYTES_A_BATCH) await flush();
    }
    await flush();
  } finally {
    file.body.destroy();
  }
}

/** @throws UnreadableFile when the file has too many variants to keep their SKUs in memory. */
function remember(records: FileRecord[], { references, skus, slugs }: SeenInFile): void {
  for (const { record } of records) {
    if (!record) continue;
    references.add(record.externalReference);
    if (record.slug) slugs.add(record.slug);
    for (const { sku } of record.variants ?? []) skus.add(sku);
  }
  if (skus.size > MAX_VARIANTS_PER_FILE) throw new UnreadableFile(`more than ${MAX_VARIANTS_PER_FILE} variants`);
}

/** The store has changed since the batch was validated. */
class Outdated extends Error {}

async function apply(ctx: Context, job: ProductBulkJob, first: CheckedBatch, at: Place): Promise<void> {
  for (let [attempt, batch] = [1, first]; ; attempt += 1) {
    try {
      await ctx.db.$transaction((tx) => write(ctx, tx, job, batch, at));
      return;
    } catch (error) {
      // A concurrent change has taken a slug or a SKU, or has deleted a product or a category: validating again finds it.
      const isOutdated = error instanceof Outdated || isUniqueViolation(error) || isForeignKeyViolation(error);
      if (!isOutdated || attempt === MAX_ATTEMPTS) throw error;
      batch = await checkBatch(ctx, at.records, at.seen);
    }
  }
}

async function write(ctx: Context, tx: Tx, job: ProductBulkJob, batch: CheckedBatch, at: Place): Promise<void> {
  const { within, beyond } = byRoom(batch.additions, await roomForProducts(tx, ctx));
  const outcomes = await setProducts(ctx, tx, batch.changes);
  if (outcomes.some(({ kind }) => kind === 'MISSING')) throw new Outdated();
  await insertProducts(ctx, tx, within);
  const refused = outcomes.flatMap((outcome, index) =>
    outcome.kind === 'REFUSED'
      ? [{ line: batch.changes[index]?.line ?? 0, faults: outcome.faults.map(lineFault) }]
      : [],
  );
  const faults = [...batch.faults, ...refused, ...beyond];
  await keepErrors(ctx, tx, job, faults, at.records);
  const countOf = (wanted: SetOutcome['kind']) => outcomes.filter(({ kind }) => kind === wanted).length;
  await checkpoint(tx, job, {
    lastLine: at.lastLine,
    progress: Math.floor(at.progress),
    created: within.length,
    updated: countOf('CHANGED'),
    unchanged: countOf('UNCHANGED'),
    failed: faults.length,
  });
}

/** Validation only: stores the errors, and counts the products to be added against the plan's limit. */
async function note(ctx: Context, job: ProductBulkJob, batch: CheckedBatch, at: Place): Promise<void> {
  const { tenantId, db } = ctx;
  await db.$transaction(async (tx) => {
    const room = await roomForProducts(tx, ctx);
    const where = { tenantId, id: job.id };
    const { foundNew } = await tx.productBulkJob.findFirstOrThrow({ where, select: { foundNew: true } });
    const { within, beyond } = byRoom(batch.additions, { ...room, left: room.left - foundNew });
    const faults = [...batch.faults, ...(await foundInStore(ctx, tx, batch)), ...beyond];
    await keepErrors(ctx, tx, job, faults, at.records);
    const step = { foundNew: within.length, failed: faults.length };
    await checkpoint(tx, job, { lastLine: at.lastLine, progress: Math.floor(at.progress), ...step });
  });
}

/** Errors of partial changes: a record that leaves out options or images can be validated only together with the stored product. */
async function foundInStore(ctx: Context, tx: Tx, { changes }: CheckedBatch): Promise<CheckedBatch['faults']> {
  const open = changes.filter(({ input }) => !isWhole(input));
  const faults = await findSetFaults(ctx, tx, open);
  return open.flatMap(({ line, id }) => {
    const found = faults.get(id) ?? [];
    return found.length > 0 ? [{ line, faults: found.map(lineFault) }] : [];
  });
}

/** Splits additions into those that the plan's limit allows, and errors for the rest. */
function byRoom(additions: CheckedBatch['additions'], { limit, left }: ProductRoom) {
  const count = Math.max(left, 0);
  const beyond = additions.slice(count).map(({ line }) => ({ line, faults: [productLimitReached(limit, [])] }));
  return { within: additions.slice(0, count), beyond };
}

async function keepErrors(
  { tenantId }: Context,
  tx: Tx,
  { id: jobId }: ProductBulkJob,
  refused: CheckedBatch['faults'],
  records: FileRecord[],
): Promise<void> {
  if (refused.length === 0) return;
  const places = new Map(records.map(({ line, placeOf }) => [line, placeOf]));
  const rows = refused.flatMap(({ line, faults }) =>
    faults.map(({ field, code, message }, ordinal) => {
      const place = places.get(line)?.(field) ?? { line, column: null };
      return { tenantId, jobId, ordinal, field, code, message, ...place };
    }),
  );
  await tx.productImportError.createMany({ data: rows.slice(0, MAX_ERRORS_PER_BATCH), skipDuplicates: true });
}
