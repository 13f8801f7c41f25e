import type { InTransaction, Transaction } from '../database';
import { runInScope } from '../scope';
import { listTenantTables } from './tenantTables';

/** The export can't be restored: the message says which line, and why, without its content. */
export class ImportRefused extends Error {}

interface ImportOptions {
  inTransaction: InTransaction;
  /** The database's name in the export. */
  database: string;
  tenantId: string;
  /** An export: `exportRows` writes it, and a last line with the counts. Lines of other databases are passed over. */
  lines: AsyncIterable<string>;
  /** Whether rows that are there are deleted first. */
  replace: boolean;
  /** Changes what must not be again as it was exported, in the same transaction; it adds and deletes no rows. */
  afterwards?: ((tx: Transaction) => Promise<void>) | undefined;
}

const BATCH_SIZE = 500;
/** A large store takes longer than the app role's own limits. */
const MAX_STATEMENT_MS = 5 * 60 * 1000;

/**
 * Restores a store's rows in one database from its export, with their ids, in one transaction: afterwards the store is as it was exported. Its
 * row counts are compared with those of the export.
 * @returns how many rows each table has got.
 * @throws ImportRefused, and then nothing has changed: the export is of another store, is not whole, or does not fit this version's
 * tables; or the store has rows, and `replace` is false.
 */
export function importRows({ inTransaction, database, tenantId, lines, replace, afterwards }: ImportOptions) {
  return runInScope({ tenantId }, () =>
    inTransaction('BEGIN', async (tx) => {
      await tx.query({ text: `SET LOCAL statement_timeout = ${MAX_STATEMENT_MS}` });
      await tx.query({ text: `SET LOCAL idle_in_transaction_session_timeout = ${MAX_STATEMENT_MS}` });
      const tables = await listTenantTables(tx);
      await makeRoom(tx, tables, tenantId, replace);
      const writers = new Map<string, TableWriter>();
      let expected: Record<string, number> | null = null;
      let number = 0;
      for await (const line of lines) {
        number++;
        if (line === '') continue;
        const read = readLine(line, number);
        if (read.database !== database) continue;
        if (read.rows) {
          expected = read.rows;
          continue;
        }
        const { table = '', row } = read;
        if (row?.tenant_id !== tenantId) throw new ImportRefused(`Line ${number} is of another store.`);
        if (!tables.includes(table)) throw new ImportRefused(`Line ${number}: this version has no table ${table}.`);
        let writer = writers.get(table);
        if (!writer) {
          writer = await TableWriter.of(tx, table);
          writers.set(table, writer);
        }
        await writer.add(line);
      }
      for (const writer of writers.values()) await writer.flush();
      await afterwards?.(tx);
      if (!expected) throw new ImportRefused(`The export is not whole: the last line of ${database} is missing.`);
      return compareCounts(tx, tenantId, tables, expected);
    }),
  );
}

interface ExportLine {
  database?: string;
  table?: string;
  row?: Record<string, unknown>;
  rows?: Record<string, number>;
}

function readLine(line: string, number: number): ExportLine {
  try {
    return JSON.parse(line) as ExportLine;
  } catch (error) {
    throw new ImportRefused(`Line ${number} is not JSON.`, { cause: error });
  }
}

async function makeRoom(tx: Transaction, tables: string[], tenantId: string, replace: boolean): Promise<void> {
  for (const table of [...tables].reverse()) {
    if (replace) await run(tx, 'DELETE FROM %I WHERE tenant_id = %L', table, tenantId);
    else if ((await count(tx, table, tenantId)) > 0)
      throw new ImportRefused(`The store has rows in ${table}: confirm by --replace that they are to go.`);
  }
}

async function compareCounts(tx: Transaction, tenantId: string, tables: string[], expected: Record<string, number>) {
  const found: Record<string, number> = {};
  for (const table of tables) {
    found[table] = await count(tx, table, tenantId);
    if (found[table] !== (expected[table] ?? 0))
      throw new ImportRefused(`${table} has ${found[table]} rows, and the export says ${expected[table] ?? 0}.`);
  }
  return found;
}

/** Writes a table's rows in batches; all at once where rows of the table refer to each other. */
class TableWriter {
  #lines: string[] = [];

  private constructor(
    private readonly tx: Transaction,
    private readonly insert: string,
    private readonly batchSize: number,
  ) {}

  static async of(tx: Transaction, table: string): Promise<TableWriter> {
    const { rows } = await tx.query({ text: INSERT_INTO, values: [table] });
    const { insert, refersToItself } = rows[0] as { insert: string; refersToItself: boolean };
    return new TableWriter(tx, insert, refersToItself ? Number.POSITIVE_INFINITY : BATCH_SIZE);
  }

  async add(line: string): Promise<void> {
    this.#lines.push(line);
    if (this.#lines.length >= this.batchSize) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    // As they came: numbers that JavaScript can't hold stay as they are.
    const text = `[${this.#lines.join(',')}]`;
    this.#lines = [];
    await this.tx.query({ text: this.insert, values: [text], query_timeout: MAX_STATEMENT_MS });
  }
}

/** A trigger may have written a row already, such as a product's search document: what was exported counts. */
const INSERT_INTO = `
  SELECT format(
      'INSERT INTO %1$I (%2$s) OVERRIDING SYSTEM VALUE
       SELECT %3$s FROM jsonb_array_elements($1::jsonb) AS line, jsonb_populate_record(NULL::%1$I, line->''row'') AS made
       ON CONFLICT (%4$s) DO UPDATE SET %5$s',
      $1::text,
      string_agg(quote_ident(attname), ', ' ORDER BY attnum),
      string_agg('made.' || quote_ident(attname), ', ' ORDER BY attnum),
      string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE attnum = ANY (indkey)),
      string_agg(format('%1$I = excluded.%1$I', attname), ', ' ORDER BY attnum)) AS insert,
    EXISTS (SELECT 1 FROM pg_constraint WHERE contype = 'f' AND conrelid = max(attrelid) AND confrelid = conrelid) AS "refersToItself"
  FROM pg_attribute JOIN pg_index ON indrelid = attrelid AND indisprimary
  WHERE attrelid = quote_ident($1)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`;

async function count(tx: Transaction, table: string, tenantId: string): Promise<number> {
  const { rows } = await run(tx, 'SELECT count(*)::int AS count FROM %I WHERE tenant_id = %L', table, tenantId);
  return rows[0].count;
}

/** The table's name comes from PostgreSQL's catalog; PostgreSQL itself quotes it and the tenant's id (no SQL injection). */
async function run(tx: Transaction, statement: string, table: string, tenantId: string) {
  const { rows } = await tx.query({
    text: 'SELECT format($1::text, $2::text, $3::text) AS text',
    values: [statement, table, tenantId],
  });
  return tx.query({ text: rows[0].text, query_timeout: MAX_STATEMENT_MS });
}
