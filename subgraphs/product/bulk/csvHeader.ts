import {
  CSV_COLUMNS,
  type CsvColumn,
  METAFIELD_COLUMN_EXPECTED,
  metafieldColumn,
  OPTION_NUMBERS,
  REFERENCE,
} from './csvColumns';
import { UnreadableFile } from './splitLines';

/** Of a CSV file. */
export const NEEDED_COLUMNS = [REFERENCE, 'sku', 'price', 'currency'];

/** An export writes at most a thousand for metafields. */
const MAX_COLUMNS = 1_100;

const BY_NAME = new Map(CSV_COLUMNS.map((column) => [column.name, column]));

/**
 * The columns of a file, in its order; null for one without a name, as spreadsheets leave them.
 * @throws UnreadableFile for a name that is none, one twice, one that is missing, and more than any file needs.
 */
export function columnsOf(names: readonly string[]): (CsvColumn | null)[] {
  if (names.length > MAX_COLUMNS)
    throw new UnreadableFile(`${names.length} columns, where a file has at most ${MAX_COLUMNS}`);
  const columns = names.map((name) => (name === '' ? null : columnOf(name)));
  const found = new Set<string>();
  for (const column of columns) {
    if (column && found.has(column.name)) throw new UnreadableFile(`column ${column.name} is there twice`);
    if (column) found.add(column.name);
  }
  const namesOfOptions = OPTION_NUMBERS.flatMap((n) =>
    found.has(`option${n}_value`) || found.has(`option${n}_values`) ? [`option${n}_name`] : [],
  );
  const missing = [...NEEDED_COLUMNS, ...namesOfOptions].filter((name) => !found.has(name));
  if (missing.length > 0) throw new UnreadableFile(`missing columns: ${missing.join(', ')}`);
  return columns;
}

function columnOf(name: string): CsvColumn {
  const known = BY_NAME.get(name.toLowerCase()) ?? metafieldColumn(name);
  if (known) return known;
  const isMetafield = /^(variant_)?metafield\b/i.test(name);
  throw new UnreadableFile(
    isMetafield ? `column ${name}: expected ${METAFIELD_COLUMN_EXPECTED}` : `unknown column: ${name}`,
  );
}
