import type { InTransaction } from '../database';
import { runInScope } from '../scope';
import { listTenantTables } from './tenantTables';

/** An exported row, one line of JSON. `row` has the table's column names, with values as PostgreSQL writes them in JSON. */
interface ExportedRow {
  database: string;
  table: string;
  row: Record<string, unknown>;
}

const BATCH_SIZE = 500;

/**
 * Writes all rows of `tenantId` in this database as of one snapshot, parents before children. `write` is awaited (backpressure), so a
 * slow reader slows down the export, and memory does not grow.
 * @returns how many rows each table had.
 */
export function exportRows(
  inTransaction: InTransaction,
  database: string,
  tenantId: string,
  write: (lines: string) => Promise<void>,
): Promise<Record<string, number>> {
  return runInScope({ tenantId }, () =>
    inTransaction('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY', async (tx) => {
      await tx.query({ text: `SET LOCAL idle_in_transaction_session_timeout = '5min'` });
      const counts: Record<string, number> = {};
      for (const table of await listTenantTables(tx)) {
        await tx.query({ text: await cursorOver(table) });
        counts[table] = 0;
        for (;;) {
          const { rows } = await tx.query({ text: `FETCH ${BATCH_SIZE} FROM exported_rows` });
          if (rows.length === 0) break;
          counts[table] += rows.length;
          const lines = rows.map(({ row }) => JSON.stringify({ database, table, row } satisfies ExportedRow));
          await write(`${lines.join('\n')}\n`);
        }
        await tx.query({ text: 'CLOSE exported_rows' });
      }
      return counts;

      /** The table's name comes from PostgreSQL's catalog; PostgreSQL itself quotes it and the tenant's id (no SQL injection). */
      async function cursorOver(table: string): Promise<string> {
        const { rows } = await tx.query({
          text: `SELECT format('DECLARE exported_rows NO SCROLL CURSOR FOR
                   SELECT to_jsonb(exported) AS row FROM %I AS exported WHERE tenant_id = %L', $1::text, $2::text) AS text`,
          values: [table, tenantId],
        });
        return rows[0].text;
      }
    }),
  );
}
