import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listDatamodelFiles } from '../../../prisma/datamodel';
import { asOwner } from '../../../subgraphs/shared/test/asOwner';
import type { TestSupergraph } from '../startSupergraph';
import type { Names } from './argumentsOf';
import type { Operation, SubgraphName } from './operations';
import type { FullStore } from './stores';

const SUBGRAPHS: SubgraphName[] = ['tenant', 'product', 'order'];

/** The columns of texts whose names differ from the argument's. */
const COLUMNS: Record<string, string[]> = {
  idempotencyKey: ['idempotency_key', 'key'],
  // A category's or a product's makes its slug, which is asked for by itself.
  name: [],
};

/** The same marker in all unknown texts, as in a store's: equal texts of the other store correspond to equal unknown ones. */
const NOBODYS_MARK = randomUUID().slice(0, 8);

const UNIQUE_WORDS = new Set(
  SUBGRAPHS.flatMap((name) => {
    const folder = join(__dirname, '../../../prisma', name);
    const schema = listDatamodelFiles(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    const together = [...schema.matchAll(/@@(?:unique|id)\(\[([^\]]+)\]/g)].flatMap(([, fields = '']) =>
      fields.split(/,\s*/),
    );
    const alone = [...schema.matchAll(/^\s*(\w+) .*@unique\b/gm)].map(([, field = '']) => field);
    return [...together, ...alone];
  }),
);

/** Whether a text is unique: a refusal because another store has it would reveal that. */
export const isUniqueWord = (name: string): boolean => UNIQUE_WORDS.has(name);

/** A store's values in the columns that are compared with texts, by the kind `text <name>`; or else its product's name. */
export async function textsOf(
  graph: TestSupergraph,
  { store, marks }: FullStore,
  operations: Operation[],
): Promise<Names> {
  const kinds = new Set(operations.flatMap(({ leaves }) => leaves.map(({ kind }) => kind)));
  const [, , suffix = ''] = marks;
  const found = new Map<string, string>();
  for (const subgraph of SUBGRAPHS) {
    const columns = await asOwner<{ table: string; column: string; isList: boolean }>(
      graph.ownerUrl(subgraph),
      store.id,
      `SELECT table_name AS table, column_name AS column, data_type = 'ARRAY' AS "isList" FROM information_schema.columns
       JOIN information_schema.tables USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND (data_type IN ('text', 'character varying') OR udt_name = '_text') AND table_name <> '_prisma_migrations'`,
    );
    const wanted = columns.filter(({ column }) => [...kinds].some((kind) => columnsOf(kind).includes(column)));
    for (const { table, column, isList } of wanted) {
      const [row] = await asOwner<{ text: string }>(
        graph.ownerUrl(subgraph),
        store.id,
        `SELECT text FROM ${table}, unnest(${isList ? column : `ARRAY[${column}]`}) AS text
         WHERE tenant_id = $1 AND text LIKE '%' || $2 || '%' LIMIT 1`,
        [store.id, suffix],
      );
      if (row && !found.has(column)) found.set(column, row.text);
    }
  }
  const textOf = (kind: string) =>
    columnsOf(kind)
      .map((column) => found.get(column))
      .find(Boolean) ?? `Thing ${suffix}`;
  return Object.fromEntries([...kinds].filter(isText).map((kind) => [kind, textOf(kind)]));
}

/** An unknown text in the format of the other store's text. */
export function nobodysText(kind: string, { names, marks }: FullStore): string {
  return marks.reduce((text, mark) => text.replaceAll(mark, NOBODYS_MARK), String(names[kind]));
}

const isText = (kind: string) => kind.startsWith('text ');

function columnsOf(kind: string): string[] {
  if (!isText(kind)) return [];
  const name = kind.slice('text '.length);
  const column = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return COLUMNS[name] ?? [column, column.replace(/s$/, '')];
}
