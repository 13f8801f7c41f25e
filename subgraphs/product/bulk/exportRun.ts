import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Context } from '../context';
import { exportKey } from '../files/fileStore';
import type { ProductBulkJob } from '../generated/prisma/client';
import { CONTENT_TYPE_OF } from './bulkJob.service';
import { CSV_COLUMNS, type CsvColumn, metafieldColumn } from './csvColumns';
import { linesOfRecord, metafieldColumnsOf } from './csvRecord';
import { exportPages } from './exportPages';
import type { WholeRecord } from './importRecord';
import { splitLines } from './splitLines';

/** Each metafield of the store gets a column. With more columns than this nearly all cells would be empty. */
const MAX_METAFIELD_COLUMNS = 1_000;

/** Its message is shown to the client as the job's failure. */
class NotAsCsv extends Error {}

/**
 * Writes all of the store's products to a temporary file, page by page, then uploads it to the file store. A retry starts again.
 * @returns why the whole job failed; null when it succeeded.
 */
export async function runExport(ctx: Context, job: ProductBulkJob, stopping: AbortSignal): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'export-'));
  try {
    const written = await writeFile(folder, job, exportPages(ctx, job, stopping));
    // S3 needs the length before the upload begins.
    const { size: byteSize } = await stat(written);
    const contentType = CONTENT_TYPE_OF[job.format];
    const key = exportKey(ctx.tenantId, job.fileId);
    await ctx.media.store.put(key, createReadStream(written), { contentType, byteSize });
    return null;
  } catch (error) {
    if (error instanceof NotAsCsv) return error.message;
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @returns the temporary file's path. @throws NotAsCsv */
async function writeFile(
  folder: string,
  { format }: ProductBulkJob,
  pages: AsyncIterable<WholeRecord[]>,
): Promise<string> {
  const [lines, cells] = [join(folder, 'products.jsonl'), join(folder, 'products.csv')];
  const metafields = new Set<string>();
  const noted = format === 'CSV' ? noteMetafields(pages, metafields) : pages;
  await pipeline(Readable.from(jsonLinesOf(noted), { objectMode: false }), createWriteStream(lines));
  if (format === 'JSONL') return lines;
  // The metafields' columns are known only now that every product has been read.
  const columns = [...CSV_COLUMNS, ...[...metafields].sort().flatMap((name) => metafieldColumn(name) ?? [])];
  const header = columns.map(({ name }) => name);
  await pipeline(
    Readable.from(csvRows(createReadStream(lines), columns)),
    stringify({ header: true, columns: header, quoted_match: EDGE_SPACE }),
    createWriteStream(cells),
  );
  return cells;
}

/** An import trims unquoted cells, so a value that begins or ends with white space is written in quotes. */
const EDGE_SPACE = /^\s|\s$/;

async function* noteMetafields(pages: AsyncIterable<WholeRecord[]>, names: Set<string>): AsyncGenerator<WholeRecord[]> {
  for await (const page of pages) {
    for (const name of page.flatMap(metafieldColumnsOf)) names.add(name);
    if (names.size > MAX_METAFIELD_COLUMNS) {
      throw new NotAsCsv(
        `There are more than ${MAX_METAFIELD_COLUMNS} different metafields, too many to have a column each: export JSONL.`,
      );
    }
    yield page;
  }
}

async function* jsonLinesOf(pages: AsyncIterable<WholeRecord[]>): AsyncGenerator<string> {
  for await (const page of pages) yield page.map((record) => `${JSON.stringify(record)}\n`).join('');
}

async function* csvRows(lines: AsyncIterable<Buffer>, columns: CsvColumn[]): AsyncGenerator<string[]> {
  for await (const line of splitLines(lines)) yield* linesOfRecord(JSON.parse(line.toString('utf8')), columns);
}
