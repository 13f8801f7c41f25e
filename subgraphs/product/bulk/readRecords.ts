import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import type { UserErrorCode } from '../generated/resolvers';
import { columnOfField, recordOfLines } from './csvRecord';
import { decodeFile } from './decodeFile';
import { type ImportRecord, importRecord } from './importRecord';
import { type LinesOfProduct, MAX_LINES_PER_PRODUCT, readCsv } from './readCsv';
import { MAX_BYTES_PER_RECORD, splitLines } from './splitLines';

/** Why a product of a file is refused. `field` is the path in the product's JSON Lines form, for CSV as well. */
export interface LineFault {
  field: string[];
  code: UserErrorCode;
  message: string;
}

/** A product read from a file, or its errors. */
export interface FileRecord {
  /** The line it begins on, counted from 1. */
  line: number;
  /** The offset of its end in the file. */
  bytes: number;
  record: ImportRecord | null;
  faults: LineFault[];
  /** True for CSV: metafields without a column in the file stay unchanged. */
  keepsMetafields: boolean;
  /** Where a field is in the file. In CSV: the variant's own line, and the column. */
  placeOf(field: readonly string[]): { line: number; column: string | null };
}

export type BulkFormat = 'CSV' | 'JSONL';

/** Streams a file's products, so memory does not grow with the file's length. Yields to the event loop after each. @throws UnreadableFile */
export async function* readRecords(file: AsyncIterable<Buffer>, format: BulkFormat): AsyncGenerator<FileRecord> {
  const text = decodeFile(file);
  for await (const record of format === 'CSV' ? readCsvRecords(text) : readJsonLines(text)) {
    yield record;
    await setImmediate();
  }
}

async function* readJsonLines(file: AsyncGenerator<Buffer>): AsyncGenerator<FileRecord> {
  let [line, bytes] = [0, 0];
  for await (const written of splitLines(file, MAX_BYTES_PER_RECORD)) {
    line += 1;
    bytes += written.length + 1;
    const text = written.toString('utf8');
    if (text.trim() === '') continue;
    const place = { line, column: null };
    yield { line, bytes, ...check(parseJson(text)), keepsMetafields: false, placeOf: () => place };
  }
}

/** Undefined when `text` is not JSON; no JSON document parses to undefined. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function* readCsvRecords(file: AsyncGenerator<Buffer>): AsyncGenerator<FileRecord> {
  for await (const product of readCsv(file)) yield recordOf(product);
}

function recordOf({ bytes, lines, numbers, columns }: LinesOfProduct): FileRecord {
  const [line = 0] = numbers;
  const written = recordOfLines(lines, columns);
  const checked =
    lines.length > MAX_LINES_PER_PRODUCT
      ? { record: null, faults: [invalid(['variants'], `at most ${MAX_LINES_PER_PRODUCT} lines a product`)] }
      : check(written);
  return {
    line,
    bytes,
    ...checked,
    keepsMetafields: true,
    placeOf: (field) => ({
      line: (field[0] === 'variants' ? numbers[Number(field[1])] : line) ?? line,
      column: columnOfField(field, written),
    }),
  };
}
function check(value: unknown): Pick<FileRecord, 'record' | 'faults'> {
  if (value === undefined) return { record: null, faults: [invalid([], 'a JSON object')] };
  const parsed = importRecord.safeParse(value);
  if (parsed.success) return { record: parsed.data, faults: [] };
  return { record: null, faults: parsed.error.issues.slice(0, 20).flatMap((issue) => faultsOf(issue, value)) };
}

function faultsOf(issue: z.core.$ZodIssue, value: unknown): LineFault[] {
  const field = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...field, key], code: 'INVALID', message: 'There is no such field.' }));
  }
  const isMissing = valueAt(value, issue.path) === undefined;
  return [
    isMissing
      ? { field, code: 'REQUIRED', message: 'Must be given.' }
      : { field, code: 'INVALID', message: issue.message },
  ];
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((within, name) => (within as Record<PropertyKey, unknown> | null | undefined)?.[name], value);

const invalid = (field: string[], expected: string): LineFault => ({
  field,
  code: 'INVALID',
  message: `Expected ${expected}.`,
});
