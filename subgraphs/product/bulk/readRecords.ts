import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { ProductErrorCode } from '../generated/resolvers';
import { CSV_COLUMNS, type CsvLine, type ImportRecord, importRecord, recordOfLines } from './importRecord';

/** Why a product of a file is refused; the field is a path in it, as in JSON Lines. */
export interface LineFault {
  field: string[];
  code: ProductErrorCode;
  message: string;
}

/** A product of a file, or what is wrong with it. */
export interface FileRecord {
  /** Where it begins, from 1. */
  line: number;
  /** How much of the file lies before its end. */
  bytes: number;
  record: ImportRecord | null;
  faults: LineFault[];
}

export type BulkFormat = 'CSV' | 'JSONL';

/** No product's lines are longer: more in one piece is no such file. */
const MOST_BYTES_A_RECORD = 2 * 1024 * 1024;
const MOST_LINES_A_PRODUCT = 100;
const LINE_FEED = 10;

/** Not readable as such a file at all. */
export class UnreadableFile extends Error {}

/** The products of a file as they come, however long it is. @throws UnreadableFile */
export function readRecords(file: Readable, format: BulkFormat): AsyncGenerator<FileRecord> {
  return format === 'CSV' ? readCsv(file) : readJsonLines(file);
}

async function* readJsonLines(file: Readable): AsyncGenerator<FileRecord> {
  let [line, bytes] = [0, 0];
  for await (const written of linesOf(file)) {
    line += 1;
    bytes += written.length + 1;
    const text = written.toString('utf8');
    if (text.trim() === '') continue;
    yield { line, bytes, ...check(parseJson(text)) };
  }
}

/** One after the other: node:readline reads a thousand ahead, and takes also what JSON has within a text for a line's end. */
async function* linesOf(file: Readable): AsyncGenerator<Buffer> {
  let [rest, line]: [Buffer, number] = [Buffer.alloc(0), 1];
  for await (const chunk of file as AsyncIterable<Buffer>) {
    const read = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = read.indexOf(LINE_FEED); end >= 0; end = read.indexOf(LINE_FEED, from)) {
      yield read.subarray(from, end);
      [from, line] = [end + 1, line + 1];
    }
    rest = read.subarray(from);
    if (rest.length > MOST_BYTES_A_RECORD) throw new UnreadableFile(`line ${line} is too long`);
  }
  if (rest.length > 0) yield rest;
}

/** Undefined for what is no JSON: no record can be that. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function* readCsv(file: Readable): AsyncGenerator<FileRecord> {
  const parser = parse({
    bom: true,
    columns: (names: string[]) => headerOf(names),
    info: true,
    max_record_size: MOST_BYTES_A_RECORD,
    relax_column_count: false,
    skip_empty_lines: true,
    trim: true,
  });
  pipeline(file, parser, () => {
    // What goes wrong is thrown to whoever reads the parser.
  });
  let open: { line: number; begins: number; bytes: number; lines: CsvLine[] } | null = null;
  const close = ({ line, bytes, lines }: NonNullable<typeof open>): FileRecord =>
    lines.length > MOST_LINES_A_PRODUCT
      ? {
          line,
          bytes,
          record: null,
          faults: [invalid(['variants'], `at most ${MOST_LINES_A_PRODUCT} lines a product`)],
        }
      : { line, bytes, ...check(recordOfLines(lines)) };
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: CsvLine;
      info: { lines: number; bytes: number };
    }>) {
      const belongs =
        open && record.external_reference && record.external_reference === open.lines[0]?.external_reference;
      if (open && belongs) {
        if (open.lines.length <= MOST_LINES_A_PRODUCT) open.lines.push(record);
        open.bytes = info.bytes;
        if (open.bytes - open.begins > MOST_BYTES_A_RECORD) throw new UnreadableFile(`line ${open.line} is too long`);
        continue;
      }
      if (open) yield close(open);
      open = { line: info.lines, begins: info.bytes, bytes: info.bytes, lines: [record] };
    }
  } catch (error) {
    if (error instanceof CsvError || error instanceof UnreadableFile) throw new UnreadableFile(error.message);
    throw error;
  }
  if (open) yield close(open);
}

function headerOf(names: string[]): string[] {
  const known: readonly string[] = CSV_COLUMNS;
  const columns = names.map((name) => name.trim().toLowerCase());
  const unknown = columns.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new UnreadableFile(`unknown columns: ${unknown.slice(0, 5).join(', ')}`);
  const missing = ['external_reference', 'sku', 'price', 'currency'].filter((name) => !columns.includes(name));
  if (missing.length > 0) throw new UnreadableFile(`missing columns: ${missing.join(', ')}`);
  return columns;
}

function check(value: unknown): Pick<FileRecord, 'record' | 'faults'> {
  if (value === undefined) return { record: null, faults: [invalid([], 'a JSON object')] };
  const parsed = importRecord.safeParse(value);
  if (parsed.success) return { record: parsed.data, faults: [] };
  const faults = parsed.error.issues.slice(0, 20).map(({ path, message, code }) => ({
    field: path.map(String),
    code: code === 'invalid_type' && /received undefined/.test(message) ? ('REQUIRED' as const) : ('INVALID' as const),
    message,
  }));
  return { record: null, faults };
}

const invalid = (field: string[], expected: string): LineFault => ({
  field,
  code: 'INVALID',
  message: `Expected ${expected}.`,
});
