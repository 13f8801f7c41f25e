import { cellOfList, listOfCell } from './csvLists';

/** A line's cells by the names of their columns. */
export type CsvLine = Partial<Record<string, string>>;

/** One column of a CSV file of products. */
export interface CsvColumn {
  name: string;
  /** Where what the cell says is in the record of the product, or of the variant. */
  path: readonly string[];
  /** What a cell says that is not empty; undefined where another column says it. */
  read(cell: string, line: CsvLine): unknown;
  /** The cell for what a record has at the path. */
  write(value: unknown): string;
}

/** How values of one kind are written as a cell, and read. */
export type Codec = Pick<CsvColumn, 'read' | 'write'>;

const asText = (value: unknown) => (value == null ? '' : String(value));

export const TEXT: Codec = { read: (cell) => cell, write: asText };

/** What is no whole number stays a text, which the reader of records refuses. */
export const WHOLE: Codec = { read: (cell) => (/^[+-]?\d{1,15}$/.test(cell) ? Number(cell) : cell), write: asText };

/** One of a GraphQL enum's names. */
export const WORD: Codec = { read: (cell) => cell.toUpperCase(), write: asText };

export const LIST: Codec = {
  read: (cell) => listOfCell(cell).filter(Boolean),
  write: (value) => cellOfList((value ?? []) as string[]),
};

/** The amount alone: all amounts of a line are in the currency of its column `currency`. */
export const MONEY: Codec = {
  read: (amount, { currency = '' }) => ({ amount, currencyCode: currency }),
  write: (value) => (value as { amount: string } | null | undefined)?.amount ?? '',
};

/** Null has a word of its own here: with an empty cell, what is ACTIVE would be published at once. */
export const PUBLISHED: Codec = {
  read: (cell) => (cell.toLowerCase() === 'never' ? null : cell),
  write: (value) => (value === null ? 'never' : asText(value)),
};

/** Of a column that is read together with another one. */
export const writeOnly = (write: Codec['write'] = asText): Codec => ({ read: () => undefined, write });

/** @param path such as `seo.title`. */
export const csvColumn = (name: string, path: string, codec: Codec = TEXT): CsvColumn => ({
  name,
  path: path.split('.'),
  ...codec,
});
