import { z } from 'zod';
import { notNull } from '../../shared/inputReader';
import type { SqlType } from './columns';
import type { CsvColumn } from './csvColumn';
import { orNull } from './fileValues';

/** A field of an input that is kept in columns of one row, and all that storing, importing and exporting it takes. */
export interface Field<Value, Row> {
  /** The columns that keep it, by Prisma's names. */
  columns: { readonly [Column in keyof Row]?: SqlType };
  /** Whether the row can't be without it: null is refused. */
  isRequired: boolean;
  /** Reads what a client gives, and says what is wrong with it. */
  reader: z.ZodType<Value>;
  /** @param value as the reader gives it; null for none. @param at the path of the input, for what is thrown. */
  toColumns(value: Value | null, at: string[]): Partial<Row>;
  /** What a file says of a row; undefined for nothing. */
  fromRow(row: Row): Value | null | undefined;
  /** Its form in a file. */
  inFile: z.ZodType<Value>;
  csv: readonly CsvColumn[];
}

/** A table of fields, by their names in the inputs. */
export type Fields<Row> = Readonly<Record<string, Field<unknown, Row>>>;

/** An input that says something of a table's fields. What is left out stays as it is; null takes away what can be taken away. */
type Given = Readonly<Record<string, unknown>>;

/** Prisma's names of the columns of a table's fields. */
export type ColumnOf<Table extends Record<string, { columns: object }>> = {
  [Name in keyof Table]: keyof Table[Name]['columns'];
}[keyof Table] &
  string;

/** Reads what an input says of these fields. */
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
 * The columns that an input changes, which has been checked by {@link readerOf}.
 * @throws GraphQLError BAD_USER_INPUT for money that is none.
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
 * All columns of a new row's fields. What the input leaves out is null.
 * @throws as {@link changedColumns}; Error where a required one is missing, which the SDL or a service has to see to.
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

/** What a file says of a row: some of it only of some rows. */
type Exported<Table extends Record<string, { fromRow(row: never): unknown }>> = {
  [Name in keyof Table as undefined extends Value<Table[Name]> ? never : Name]: Value<Table[Name]>;
} & {
  [Name in keyof Table as undefined extends Value<Table[Name]> ? Name : never]?: Exclude<Value<Table[Name]>, undefined>;
};

/** What a file says of a row's fields, in their order. */
export function exportedFields<Row, Table extends Fields<Row>>(fields: Table, row: Row): Exported<Table> {
  const values = Object.entries(fields).map(([name, { fromRow }]) => [name, fromRow(row)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Exported<Table>;
}

type FileShape<Table extends Record<string, { inFile: z.ZodType }>> = {
  [Name in keyof Table]: z.ZodExactOptional<z.ZodNullable<Table[Name]['inFile']>>;
};

/** The form of these fields in a record of a file, where each may be left out. */
export const fileShapeOf = <Table extends Record<string, { inFile: z.ZodType }>>(fields: Table): FileShape<Table> =>
  Object.fromEntries(Object.entries(fields).map(([name, { inFile }]) => [name, orNull(inFile)])) as FileShape<Table>;

export const csvColumnsOf = (fields: Readonly<Record<string, { csv: readonly CsvColumn[] }>>): CsvColumn[] =>
  Object.values(fields).flatMap(({ csv }) => csv);

/** All columns of a table: those of its fields, and those that no input names. */
export function allColumns<Row, Table extends Fields<Row>>(
  fields: Table,
  own: Record<Exclude<keyof Row, ColumnOf<Table>>, SqlType>,
): Record<keyof Row & string, SqlType> {
  return { ...own, ...fieldColumns(fields) } as Record<keyof Row & string, SqlType>;
}

export const fieldColumns = <Table extends Record<string, { columns: object }>>(
  fields: Table,
): Record<ColumnOf<Table>, SqlType> => Object.assign({}, ...Object.values(fields).map(({ columns }) => columns));
