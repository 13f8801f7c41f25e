import { cellOfList, listOfCell } from './csvLists';

/** A line's cells, by column name. */
export type CsvLine = Partial<Record<string, string>>;

/** One column of a CSV file of products. */
export interface CsvColumn {
  name: string;
  /** The path of the cell's value in the record of the product or variant. */
  path: readonly string[];
  /** Parses a cell that is not empty. Undefined when another column has the value. */
  read(cell: string, line: CsvLine): unknown;
  /** Formats the value at the path as a cell. */
  write(value: unknown): string;
}

/** How values of one type are formatted as a cell, and parsed. */
export type Codec = Pick<CsvColumn, 'read' | 'write'>;

const asText = (value: unknown) => (value == null ? '' : String(value));

export const TEXT: Codec = { read: (cell) => cell, write: asText };

/** A cell that is no whole number stays a text, which the record's validation refuses. */
export const WHOLE: Codec = { read: (cell) => (/^[+-]?\d{1,15}$/.test(cell) ? Number(cell) : cell), write: asText };

/** In any case: spreadsheets write TRUE. A cell that is neither stays a text, which the record's validation refuses. */
export const FLAG: Codec = {
  read: (cell) => ({ true: true, false: false })[cell.toLowerCase()] ?? cell,
  write: asText,
};

/** A value of a GraphQL enum. */
export const WORD: Codec = { read: (cell) => cell.toUpperCase(), write: asText };

export const LIST: Codec = {
  read: (cell) => listOfCell(cell).filter(Boolean),
  write: (value) => cellOfList((value ?? []) as string[]),
};

/** The amount only: the column `currency` has the currency of all amounts of a line. */
export const MONEY: Codec = {
  read: (amount, { currency = '' }) => ({ amount, currencyCode: currency }),
  write: (value) => (value as { amount: string } | null | undefined)?.amount ?? '',
};

/** Null is written as a word: an empty cell means "not given", and an ACTIVE product without a date is published immediately. */
export const PUBLISHED: Codec = {
  read: (cell) => (cell.toLowerCase() === 'never' ? null : cell),
  write: (value) => (value === null ? 'never' : asText(value)),
};

/** The codec of a column that is parsed together with another one. */
export const writeOnly = (write: Codec['write'] = asText): Codec => ({ read: () => undefined, write });

/** @param path such as `seo.title`. */
export const csvColumn = (name: string, path: string, codec: Codec = TEXT): CsvColumn => ({
  name,
  path: path.split('.'),
  ...codec,
});
