import { isDeepStrictEqual } from 'node:util';
import { MAX_METAFIELDS } from '../../shared/limits';
import type { CsvLine } from '../fields/csvColumn';
import { listOfCell } from '../fields/csvLists';
import type { MetafieldInput } from '../generated/resolvers';
import { CSV_COLUMNS, type CsvColumn, metafieldColumnName, OPTION_NUMBERS, REFERENCE } from './csvColumns';
import type { WholeRecord } from './importRecord';

type Option = NonNullable<WholeRecord['options']>[number];

interface Written {
  [field: string]: unknown;
  metafields?: MetafieldInput[];
}

// A CSV file has one line for each variant. The lines of a product follow one another, and the first has the product's own fields.

/** One product's lines as a record, not validated yet. Empty cells are left out. */
export function recordOfLines(lines: readonly CsvLine[], columns: readonly CsvColumn[]) {
  const [first = {}] = lines;
  const options = OPTION_NUMBERS.flatMap((n) => {
    const name = first[`option${n}_name`];
    return name ? [{ name, value: `option${n}_value`, listed: first[`option${n}_values`] }] : [];
  });
  const hasOptions = options.length > 0;
  return {
    ...cellsOf('product', first, columns),
    ...(hasOptions && {
      options: options.map(({ name, value, listed }) => ({
        name,
        values: [...new Set([...(listed ? listOfCell(listed) : []), ...valuesOf(lines, value)])],
      })),
    }),
    variants: lines.map((line) => ({
      ...cellsOf('variant', line, columns),
      ...(hasOptions && {
        optionValues: options.map(({ name, value }) => ({ option: name, value: line[value] || undefined })),
      }),
    })),
  };
}

const valuesOf = (lines: readonly CsvLine[], value: string) => lines.flatMap((line) => line[value] || []);

function cellsOf(of: CsvColumn['of'], line: CsvLine, columns: readonly CsvColumn[]): Written {
  const record: Written = {};
  for (const { name, of: owner, path, read, metafield } of columns) {
    const cell = line[name];
    if (owner !== of || !cell) continue;
    if (metafield) {
      record.metafields ??= [];
      // One too many is enough to be refused for.
      if (record.metafields.length <= MAX_METAFIELDS) record.metafields.push({ ...metafield, value: cell });
      continue;
    }
    const value = read(cell, line);
    if (value !== undefined) put(record, path, value);
  }
  return record;
}

function put(record: Written, [name = '', ...deeper]: readonly string[], value: unknown): void {
  if (deeper.length === 0) record[name] = value;
  else {
    record[name] ??= {};
    put(record[name] as Written, deeper, value);
  }
}

const at = (record: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Written | null | undefined)?.[name], record);

/** A record as lines of a CSV file, with cells in the order of `columns`. */
export function linesOfRecord(record: WholeRecord, columns: readonly CsvColumn[]): string[][] {
  const options = (record.options ?? []).map((option) => ({
    ...option,
    listed: valuesToList(option, record.variants),
  }));
  const product = { record: { ...record, options }, metafields: valuesByColumn('product', record.metafields) };
  return record.variants.map((one, index) => {
    const optionValues = options.map(({ name }) => one.optionValues.find(({ option }) => option === name));
    const variant = { record: { ...one, optionValues }, metafields: valuesByColumn('variant', one.metafields) };
    return columns.map(({ name, of, path, write, metafield }) => {
      if (of === 'product' && index > 0 && name !== REFERENCE) return '';
      const owner = of === 'product' ? product : variant;
      return metafield ? (owner.metafields.get(name) ?? '') : write(at(owner.record, path));
    });
  });
}

/** An option's values if they need a cell of their own; none if the variants have all of them, in the same order. */
function valuesToList({ name, values }: Option, variants: WholeRecord['variants']): string[] {
  const used = variants.flatMap(({ optionValues }) => optionValues.find(({ option }) => option === name)?.value ?? []);
  return isDeepStrictEqual([...new Set(used)], values) ? [] : values;
}

const valuesByColumn = (of: CsvColumn['of'], metafields: readonly MetafieldInput[] | null) =>
  new Map((metafields ?? []).map((metafield) => [metafieldColumnName(of, metafield), metafield.value]));

/** The names of the columns for a record's metafields. */
export const metafieldColumnsOf = ({ metafields, variants }: WholeRecord): string[] => [
  ...valuesByColumn('product', metafields).keys(),
  ...variants.flatMap((variant) => [...valuesByColumn('variant', variant.metafields).keys()]),
];

/** The column that a record's field was read from; null when several columns make it up, or none. */
export function columnOfField(field: readonly string[], record: ReturnType<typeof recordOfLines>): string | null {
  const [list, index, ...within] = field;
  const ofVariant = list === 'variants' && index !== undefined;
  const [of, path] = ofVariant ? (['variant', within] as const) : (['product', field] as const);
  const owner = (ofVariant ? record.variants[Number(index)] : record) as Written | undefined;
  if (path[0] === 'metafields') {
    const metafield = owner?.metafields?.[Number(path[1])];
    return metafield ? metafieldColumnName(of, metafield) : null;
  }
  if (path[0] === 'options' && path[2] === 'values') return `option${Number(path[1]) + 1}_value`;
  if (path[0] === 'optionValues' && path.length === 1) return 'option1_value';
  if (path[0] === 'images' && path[2] === 'altText') return 'image_alt_texts';
  const fits = CSV_COLUMNS.filter(
    (column) => column.of === of && column.path.every((name, place) => name === path[place]),
  );
  return (
    fits.reduce<CsvColumn | null>((best, one) => (best && best.path.length >= one.path.length ? best : one), null)
      ?.name ?? null
  );
}
