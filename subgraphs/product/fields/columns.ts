import { Prisma } from '../generated/prisma/client';

/** The types of PostgreSQL that our columns have. */
export type SqlType =
  | 'text'
  | 'text[]'
  | 'int'
  | 'bigint'
  | 'boolean'
  | 'timestamptz'
  | 'jsonb'
  | '"ProductStatus"'
  | '"InventoryPolicy"';

/** Columns of a table by the names that Prisma gives them, each with its type. */
export type Columns = Readonly<Record<string, SqlType>>;

/** Prisma's name of each of our columns is its own in camel case. */
export const databaseName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Made of names in our own code alone. */
const listOf = (columns: Columns, write: (name: string) => string): Prisma.Sql =>
  Prisma.raw(Object.keys(columns).map(write).join(', '));

/** For SELECT and RETURNING: rows as Prisma gives them, at about half of what its own statement costs for a list. */
export const selected = (alias: string, columns: Columns): Prisma.Sql =>
  listOf(columns, (name) => `${alias}.${databaseName(name)} AS "${name}"`);

/** For INSERT: which columns get {@link givenValues}. */
export const columnNames = (columns: Columns): Prisma.Sql => listOf(columns, databaseName);

/** For SELECT: the values of {@link givenRows}. */
export const givenValues = (columns: Columns, alias = 'given'): Prisma.Sql =>
  listOf(columns, (name) => `${alias}."${name}"`);

/** For SET: each column to its value of {@link givenRows}. */
export const assignments = (columns: Columns, alias = 'given'): Prisma.Sql =>
  listOf(columns, (name) => `${databaseName(name)} = ${alias}."${name}"`);

/**
 * For FROM: any number of rows as one parameter, so that the statement is the same for any of them. They are called `given`.
 * @param rows each has all of the columns, and maybe others, which are passed over.
 */
export function givenRows<Names extends string>(
  columns: Readonly<Record<Names, SqlType>>,
  rows: readonly Readonly<Record<NoInfer<Names>, unknown>>[],
): Prisma.Sql {
  const names = Object.keys(columns) as Names[];
  const definition = names.map((name) => `"${name}" ${columns[name]}`).join(', ');
  const values = rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
  return Prisma.sql`jsonb_to_recordset(${asJson(values)}::jsonb) AS given (${Prisma.raw(definition)})`;
}

/** A bigint is written as a text, which PostgreSQL reads as the number: JSON's numbers are too short for it. */
const asJson = (rows: readonly object[]): string =>
  JSON.stringify(rows, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

export const withoutColumns = <Names extends string, Left extends Names>(
  columns: Readonly<Record<Names, SqlType>>,
  left: readonly Left[],
): Record<Exclude<Names, Left>, SqlType> =>
  Object.fromEntries(Object.entries<SqlType>(columns).filter(([name]) => !left.some((one) => one === name))) as Record<
    Exclude<Names, Left>,
    SqlType
  >;
