import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { z } from 'zod';
import type { CsvLine } from '../fields/csvColumn';
import type { UserErrorCode } from '../generated/resolvers';
import {
  CSV_COLUMNS,
  type CsvColumn,
  METAFIELD_COLUMN_EXPECTED,
  metafieldColumn,
  OPTION_NUMBERS,
  REFERENCE,
} from './csvColumns';
import { columnOfField, recordOfLines } from './csvRecord';
import { type ImportRecord, importRecord } from './importRecord';
import { splitLines, UnreadableFile } from './splitLines';

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

/** The longest form of one product. A longer record means that the file has another format. */
const MAX_BYTES_PER_RECORD = 2 * 1024 * 1024;
const MAX_LINES_PER_PRODUCT = 100;
/** The columns without which a CSV file is refused. */
export const NEEDED_COLUMNS = [REFERENCE, 'sku', 'price', 'currency'];

/** Streams a file's products, so memory does not grow with the file's length. @throws UnreadableFile */
export function readRecords(file: Readable, format: BulkFormat): AsyncGenerator<FileRecord> {
  return format === 'CSV' ? readCsv(file) : readJsonLines(file);
}

async function* readJsonLines(file: Readable): AsyncGenerator<FileRecord> {
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

/** A product whose lines are being read, with the number of each line. */
interface OpenProduct {
  begins: number;
  bytes: number;
  lines: CsvLine[];
  numbers: number[];
}

async function* readCsv(file: Readable): AsyncGenerator<FileRecord> {
  let columns: CsvColumn[] = [];
  const parser = parse({
    bom: true,
    columns: (names: string[]) => {
      columns = columnsOf(names);
      return columns.map(({ name }) => name);
    },
    info: true,
    max_record_size: MAX_BYTES_PER_RECORD,
    relax_column_count: false,
    skip_empty_lines: true,
    trim: true,
  });
  pipeline(file, parser, () => {
    // Errors of the source reach the reader of the parser, which throws them.
  });
  let open: OpenProduct | null = null;
  let last = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: CsvLine;
      info: { lines: number; bytes: number };
    }>) {
      // Most records are a single line, whose cells need no search for line breaks.
      const line = info.lines - last > 1 ? info.lines - lineEndsIn(record) : info.lines;
      last = info.lines;
      if (open && record[REFERENCE] && record[REFERENCE] === open.lines[0]?.[REFERENCE]) {
        if (open.lines.length <= MAX_LINES_PER_PRODUCT) {
          open.lines.push(record);
          open.numbers.push(line);
        }
        open.bytes = info.bytes;
        if (open.bytes - open.begins > MAX_BYTES_PER_RECORD) {
          throw new UnreadableFile(`line ${open.numbers[0]} is too long`);
        }
        continue;
      }
      if (open) yield closed(open, columns);
      open = { begins: info.bytes, bytes: info.bytes, lines: [record], numbers: [line] };
    }
  } catch (error) {
    if (error instanceof CsvError || error instanceof UnreadableFile) throw new UnreadableFile(error.message);
    throw error;
  }
  if (open) yield closed(open, columns);
}

/** How many line breaks a record's cells contain. The parser reports only the line that a record ends on. */
const lineEndsIn = (line: CsvLine): number =>
  Object.values(line).reduce((sum, cell = '') => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);

function closed({ bytes, lines, numbers }: OpenProduct, columns: CsvColumn[]): FileRecord {
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

/** A file's columns, in its order. @throws UnreadableFile when a name is unknown, repeated or missing. */
function columnsOf(names: string[]): CsvColumn[] {
  const columns = names.map((written) => {
    const name = written.trim();
    const known = CSV_COLUMNS.find((column) => column.name === name.toLowerCase()) ?? metafieldColumn(name);
    if (known) return known;
    const isMetafield = /^(variant_)?metafield\b/i.test(name);
    throw new UnreadableFile(
      isMetafield ? `column ${name}: expected ${METAFIELD_COLUMN_EXPECTED}` : `unknown column: ${name}`,
    );
  });
  const found = columns.map(({ name }) => name);
  const again = found.find((name, index) => found.indexOf(name) < index);
  if (again !== undefined) throw new UnreadableFile(`column ${again} is there twice`);
  const namesOfOptions = OPTION_NUMBERS.flatMap((n) =>
    found.includes(`option${n}_value`) || found.includes(`option${n}_values`) ? [`option${n}_name`] : [],
  );
  const missing = [...NEEDED_COLUMNS, ...namesOfOptions].filter((name) => !found.includes(name));
  if (missing.length > 0) throw new UnreadableFile(`missing columns: ${missing.join(', ')}`);
  return columns;
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
