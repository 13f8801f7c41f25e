import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { openTransactions, type Transaction } from '../../shared/database';
import { ImportRefused, importRows } from '../../shared/lifecycle/importRows';

/** The store's own row comes last: until then it is closed. */
const DATABASES = ['order', 'product', 'tenant'] as const;

interface ImportOptions {
  tenantId: string;
  /** What `tenants export` has printed. */
  file: string;
  replace: boolean;
  env: Record<string, string | undefined>;
}

/**
 * Restores a store from its export, one database after the other, as their app roles. One that fails leaves its database as it was; a repeat
 * with `replace` goes over those before again.
 * @returns how many rows each table has got, which the export says, too.
 * @throws ImportRefused.
 */
export async function importStore({ tenantId, file, replace, env }: ImportOptions) {
  const urls = DATABASES.map((database) => {
    const variable = `${database.toUpperCase()}_DATABASE_URL`;
    const url = env[variable];
    if (!url) throw new ImportRefused(`${variable} is not set: an import writes to all three databases.`);
    return { database, url };
  });
  const receipts: { database: string; rows: Record<string, number> }[] = [];
  for (const { database, url } of urls) {
    const { inTransaction, close } = await openTransactions(url);
    try {
      const lines = linesOf(file);
      const afterwards = database === 'tenant' ? revokeTokens : undefined;
      const rows = await importRows({ inTransaction, database, tenantId, lines, replace, afterwards });
      receipts.push({ database, rows });
    } finally {
      await close();
    }
  }
  return receipts;
}

/** A token that was revoked after the export must not be valid again, and nobody knows here which were. In the store's scope. */
async function revokeTokens(tx: Transaction): Promise<void> {
  await tx.query({
    text: `UPDATE app_tokens SET revoked_at = now(), version = version + 1
      WHERE tenant_id = current_setting('app.tenant_id') AND revoked_at IS NULL`,
  });
}

/** Opened when it is first read: readline forgets the lines that come before. */
async function* linesOf(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}
