import { z } from 'zod';
import { text } from '../../shared/inputReader';
import { databaseName } from './columns';
import { csvColumn, FLAG, WHOLE } from './csvColumn';
import { fileFlag, fileText, fileWhole } from './fileValues';

/** Prisma's names of the columns whose values have the type `Type`. */
type ColumnOfType<Row, Type> = { [Column in keyof Row]: Row[Column] extends Type ? Column : never }[keyof Row] & string;

interface TextOptions {
  /** The most characters. */
  max: number;
  /** Whether it may have several lines. */
  lines?: boolean;
}

/** Kinds of fields that are stored in one column of the same name. Their CSV column has the database column's name. */
export const fieldKinds = <Row>() => ({
  /** A text that is required. */
  requiredText: <Column extends ColumnOfType<Row, string>>(column: Column, { max, lines = false }: TextOptions) => ({
    columns: { [column]: 'text' } as Record<Column, 'text'>,
    isRequired: true,
    reader: text({ max, lines }),
    toColumns: (value: string | null) => ({ [column]: value }) as Partial<Row>,
    fromRow: (row: Row) => row[column] as string,
    inFile: fileText,
    csv: [csvColumn(databaseName(column), column)],
  }),

  /** A text that may be empty; null is stored as an empty text. */
  text: <Column extends ColumnOfType<Row, string>>(column: Column, { max, lines = false }: TextOptions) => ({
    columns: { [column]: 'text' } as Record<Column, 'text'>,
    isRequired: false,
    reader: text({ max, lines, min: 0 }),
    toColumns: (value: string | null) => ({ [column]: value ?? '' }) as Partial<Row>,
    fromRow: (row: Row) => row[column] as string,
    inFile: fileText,
    csv: [csvColumn(databaseName(column), column)],
  }),

  /** A text, or null; an empty one is stored as null. */
  textOrNull: <Column extends ColumnOfType<Row, string | null>>(
    column: Column,
    { max, lines = false }: TextOptions,
  ) => ({
    columns: { [column]: 'text' } as Record<Column, 'text'>,
    isRequired: false,
    reader: text({ max, lines, min: 0 }),
    toColumns: (value: string | null) => ({ [column]: value || null }) as Partial<Row>,
    fromRow: (row: Row) => row[column] as string | null,
    inFile: fileText,
    csv: [csvColumn(databaseName(column), column)],
  }),

  /** True or false; null is stored as `absent`. */
  flag: <Column extends ColumnOfType<Row, boolean>>(column: Column, { absent }: { absent: boolean }) => ({
    columns: { [column]: 'boolean' } as Record<Column, 'boolean'>,
    isRequired: false,
    reader: z.boolean(),
    toColumns: (value: boolean | null) => ({ [column]: value ?? absent }) as Partial<Row>,
    fromRow: (row: Row) => row[column] as boolean,
    inFile: fileFlag,
    csv: [csvColumn(databaseName(column), column, FLAG)],
  }),

  /** A whole number from 0, or null. */
  wholeOrNull: <Column extends ColumnOfType<Row, number | null>>(column: Column, { max }: { max: number }) => ({
    columns: { [column]: 'int' } as Record<Column, 'int'>,
    isRequired: false,
    reader: z.number().refine((value) => value >= 0 && value <= max, `Expected 0 to ${max}.`),
    toColumns: (value: number | null) => ({ [column]: value }) as Partial<Row>,
    fromRow: (row: Row) => row[column] as number | null,
    inFile: fileWhole,
    csv: [csvColumn(databaseName(column), column, WHOLE)],
  }),
});
