import type { InTransaction } from '../database';
import { runInScope } from '../scope';
import { listTenantTables } from './tenantTables';

/** How many rows of each table were erased, for the receipt. Tables without rows are omitted. */
export type ErasedRows = Record<string, number>;

/** Erasing a large store takes longer than the app role's statement_timeout. */
const MAX_STATEMENT_MS = 5 * 60 * 1000;

/**
 * Erases all rows of `tenantId` in this database, or none. A repeat erases the rows that were added since.
 * @param kept tables whose rows stay, because they record that the tenant existed and was erased.
 */
export function eraseRows(
  inTransaction: InTransaction,
  tenantId: string,
  kept: readonly string[] = [],
): Promise<ErasedRows> {
  return runInScope({ tenantId }, () =>
    inTransaction('BEGIN', async (tx) => {
      await tx.query({ text: `SET LOCAL statement_timeout = ${MAX_STATEMENT_MS}` });
      const erased: ErasedRows = {};
      const tables = (await listTenantTables(tx)).reverse().filter((table) => !kept.includes(table));
      for (const table of tables) {
        const { rows } = await tx.query({
          text: `SELECT format('DELETE FROM %I WHERE tenant_id = %L', $1::text, $2::text) AS text`,
          values: [table, tenantId],
        });
        const { rowCount } = await tx.query({ text: rows[0].text, query_timeout: MAX_STATEMENT_MS });
        if (rowCount) erased[table] = rowCount;
      }
      return erased;
    }),
  );
}
