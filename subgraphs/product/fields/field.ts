import { z } from 'zod';
import { notNull } from '../../shared/inputReader';
import type { SqlType } from './columns';
import type { CsvColumn } from './csvColumn';
import { orNull } from './fileValues';

/** A field of an input, stored in columns of one row: how it is validated, stored, imported and exported. */
export interface Field<Value, Row> {
  /** The columns that store it, by Prisma's names. */
  columns: { readonly [Column in keyof Row]?: SqlType };
  /** Whether null is refused. */
  isRequired: boolean;
  /** Validates and normalizes a client's value. */
  reader: z.ZodType<Value>;
  /** @param value the reader's output, or null for none. @param at the input's path, for errors that are thrown. */
  toColumns(value: Value | null, at: string[]): Partial<Row>;
  /** The value in an exported file; undefined when the file leaves it out. */
  fromRow(row: Row): Value | null | undefined;
  /** Validates the value in an imported file. */
  inFile: z.ZodType<Value>;
  csv: readonly CsvColumn[];
}

/** A table of fields, by their names in the inputs. */
export type Fields<Row> = Readonly<Record<string, Field<unknown, Row>>>;

/** An input with some of a table's fields. Omitted fields stay unchanged; null clears an optional one. */
type Given = Readonly<Record<string, unknown>>;

/** Prisma's names of the columns of a table's fields. */
export type ColumnOf<Table extends Record<string, { columns: object }>> = {
  [Name in keyof Table]: keyof Table[Name]['columns'];
}[keyof Table] &
  string;

/** A reader of inputs that have these fields. */
export const readerOf = <Row>(fields: Fields<Row>) =>
  z.object(
    Object.fromEntries(
      Object.entries(fields).map(([name, { reader, isRequired }]) => [
        name,
        isRequired ? notNull(reader) : reader.nullish(),
      ]),
    ),
  );

/**
 * The columns that an input changes. @param input has passed {@link readerOf}.
 * @throws GraphQLError BAD_USER_INPUT for an invalid amount of money.
 */
export function changedColumns<Row>(fields: Fields<Row>, input: object, at: string[]): Partial<Row> {
  const columns: Partial<Row> = {};
  for (const [name, { isRequired, reader, toColumns }] of Object.entries(fields)) {
    const given = (input as Given)[name];
    if (given === undefined || (given === null && isRequired)) continue;
    Object.assign(columns, toColumns(given === null ? null : reader.parse(given), [...at, name]));
  }
  return columns;
}

/**
 * All columns of a new row's fields. Omitted fields are null.
 * @throws as {@link changedColumns}; Error for a missing required field, which the SDL or a service has to prevent.
 */
export function newColumns<Row, Table extends Fields<Row>>(
  fields: Table,
  input: object,
  at: string[],
): Pick<Row, ColumnOf<Table> & keyof Row> {
  const given: Record<string, unknown> = {};
  for (const [name, { isRequired }] of Object.entries(fields)) {
    given[name] = (input as Given)[name] ?? null;
    if (isRequired && given[name] === null) throw new Error(`A new row needs a ${name}`);
  }
  return changedColumns(fields, given, at) as Pick<Row, ColumnOf<Table> & keyof Row>;
}

type Value<Of extends { fromRow(row: never): unknown }> = ReturnType<Of['fromRow']>;

/** A row's fields in an exported file. A field that `fromRow` may leave out is optional. */
type Exported<Table extends Record<string, { fromRow(row: never): unknown }>> = {
  [Name in keyof Table as undefined extends Value<Table[Name]> ? never : Name]: Value<Table[Name]>;
} & {
  [Name in keyof Table as undefined extends Value<Table[Name]> ? Name : never]?: Exclude<Value<Table[Name]>, undefined>;
};

/** A row's fields as an export writes them, in the order of `fields`. */
export function exportedFields<Row, Table extends Fields<Row>>(fields: Table, row: Row): Exported<Table> {
  const values = Object.entries(fields).map(([name, { fromRow }]) => [name, fromRow(row)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Exported<Table>;
}

type FileShape<Table extends Record<string, { inFile: z.ZodType }>> = {
  [Name in keyof Table]: z.ZodExactOptional<z.ZodNullable<Table[Name]['inFile']>>;
};

/** The zod shape of these fields in a file's record, all optional. */
export const fileShapeOf = <Table extends Record<string, { inFile: z.ZodType }>>(fields: Table): FileShape<Table> =>
  Object.fromEntries(Object.entries(fields).map(([name, { inFile }]) => [name, orNull(inFile)])) as FileShape<Table>;

export const csvColumnsOf = (fields: Readonly<Record<string, { csv: readonly CsvColumn[] }>>): CsvColumn[] =>
  Object.values(fields).flatMap(({ csv }) => csv);

/** All columns of a table: those of its fields, and those that no input has. */
export function allColumns<Row, Table extends Fields<Row>>(
  fields: Table,
  own: Record<Exclude<keyof Row, ColumnOf<Table>>, SqlType>,
): Record<keyof Row & string, SqlType> {
  return { ...own, ...fieldColumns(fields) } as Record<keyof Row & string, SqlType>;
}

export const fieldColumns = <Table extends Record<string, { columns: object }>>(
  fields: Table,
): Record<ColumnOf<Table>, SqlType> => Object.assign({}, ...Object.values(fields).map(({ columns }) => columns));
