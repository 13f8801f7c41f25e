import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { cleanText } from '../../shared/typedText';
import type { CsvLine } from '../fields/csvColumn';
import { type CsvColumn, REFERENCE } from './csvColumns';
import { columnsOf } from './csvHeader';
import { isSeparatorLine, withSeparator } from './csvSeparator';
import { MAX_BYTES_PER_RECORD, UnreadableFile } from './splitLines';

export const MAX_LINES_PER_PRODUCT = 100;

/** The lines of one product, and where each of them begins. */
export interface LinesOfProduct {
  /** How much of the file lies before its end. */
  bytes: number;
  /** One more than a product may have, when it has more. */
  lines: CsvLine[];
  numbers: number[];
  /** Of the file. */
  columns: readonly CsvColumn[];
}

/** A CSV file's lines, product by product: those of one product stand together. @throws UnreadableFile */
export async function* readCsv(file: AsyncGenerator<Buffer>): AsyncGenerator<LinesOfProduct> {
  const separated = await withSeparator(file);
  const cells = readCells(separated.file, separated.separator);
  const columns: (CsvColumn | null)[] = [];
  let named: CsvColumn[] = [];
  let open: (LinesOfProduct & { begins: number }) | null = null;
  for await (const { record, line, bytes } of cells) {
    if (record.every((cell) => cell === '') || (columns.length === 0 && isSeparatorLine(record, separated.separator))) {
      continue;
    }
    if (columns.length === 0) {
      columns.push(...columnsOf(record));
      named = columns.filter((column) => column !== null);
      continue;
    }
    const cellsOfLine = lineOf(record, columns, line);
    if (open && cellsOfLine[REFERENCE] && cellsOfLine[REFERENCE] === open.lines[0]?.[REFERENCE]) {
      if (open.lines.length <= MAX_LINES_PER_PRODUCT) {
        open.lines.push(cellsOfLine);
        open.numbers.push(line);
      }
      open.bytes = bytes;
      if (open.bytes - open.begins > MAX_BYTES_PER_RECORD) {
        throw new UnreadableFile(`line ${open.numbers[0]} is too long`);
      }
      continue;
    }
    if (open) yield open;
    open = { begins: bytes, bytes, lines: [cellsOfLine], numbers: [line], columns: named };
  }
  if (open) yield open;
  if (columns.length === 0) throw new UnreadableFile('it is empty: its first line has the names of its columns');
}

interface Cells {
  record: string[];
  /** Where it begins. */
  line: number;
  bytes: number;
}

async function* readCells(file: AsyncGenerator<Buffer>, delimiter: string): AsyncGenerator<Cells> {
  const parser = parse({
    delimiter,
    info: true,
    max_record_size: MAX_BYTES_PER_RECORD,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  // Errors of the source reach the reader of the parser, which throws them.
  pipeline(Readable.from(file), parser, () => {});
  let last = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number; bytes: number };
    }>) {
      // The parser says where a line ends. Most are one line of the file: nothing is looked for in their cells.
      const line = info.lines - last > 1 ? info.lines - lineEndsIn(record) : info.lines;
      last = info.lines;
      yield { record, line, bytes: info.bytes };
    }
  } catch (error) {
    throw error instanceof CsvError ? new UnreadableFile(error.message) : error;
  }
}

const lineEndsIn = (record: string[]): number =>
  record.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);

/** @throws UnreadableFile for cells that belong to no column, and for columns without a cell. */
function lineOf(record: string[], columns: readonly (CsvColumn | null)[], line: number): CsvLine {
  const cells: CsvLine = {};
  const count = Math.max(record.length, columns.length);
  for (let index = 0; index < count; index += 1) {
    const [column, cell] = [columns[index], record[index]];
    if (column && cell === undefined) throw new UnreadableFile(unequal(record, columns, line));
    if (!column && cell)
      throw new UnreadableFile(unequal(record, columns, line, `, and ${cell.slice(0, 50)} is in none`));
    if (column) cells[column.name] = column.metafield ? cell : cleanText(cell ?? '');
  }
  return cells;
}

function unequal(record: string[], columns: readonly unknown[], line: number, more = ''): string {
  return `line ${line} has ${record.length} cells, the header ${columns.length} columns${more}: a cell that has a separator within is quoted`;
}
