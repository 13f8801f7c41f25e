import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { z } from 'zod';
import type { CsvLine } from '../fields/csvColumn';
import type { ProductErrorCode } from '../generated/resolvers';
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
  /** A CSV file has columns for some metafields, and says nothing of the others. */
  keepsMetafields: boolean;
  /** Where in the file a field of it is: in CSV in the variant's own line, and in a column. */
  placeOf(field: readonly string[]): { line: number; column: string | null };
}

export type BulkFormat = 'CSV' | 'JSONL';

/** No product's lines are longer: more in one piece is no such file. */
const MAX_BYTES_PER_RECORD = 2 * 1024 * 1024;
const MAX_LINES_PER_PRODUCT = 100;
/** Of a CSV file. */
export const NEEDED_COLUMNS = [REFERENCE, 'sku', 'price', 'currency'];

/** The products of a file as they come, however long it is. @throws UnreadableFile */
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

/** Undefined for what is no JSON: no record can be that. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The lines of one product, and where each of them begins. */
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
    // What goes wrong is thrown to whoever reads the parser.
  });
  let open: OpenProduct | null = null;
  let last = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: CsvLine;
      info: { lines: number; bytes: number };
    }>) {
      // Most are one line of the file: nothing is looked for in their cells.
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

/** The parser says where a line ends, and its cells may have ends of lines within. */
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

/** The columns of a file, in its order. @throws UnreadableFile for a name that is none, one twice, and one that is missing. */
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
