import type { Client } from 'pg';
import { hasChecksum, type Migration } from './folder';
import { MigrationError } from './migrationError';

interface HistoryRow {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

/** The folder's migrations compared with the database's. */
export interface Comparison {
  /** To be applied. */
  pending: string[];
  /** Applied by another version of the code: this folder does not have them. */
  unknown: string[];
}

/**
 * Compares the folder with Prisma's table of applied migrations.
 * @throws MigrationError when a migration was edited after it was applied, or was started and never finished.
 */
export async function compareWithHistory(client: Client, migrations: Migration[]): Promise<Comparison> {
  const rows = await readHistory(client);
  const unfinished = nameOfUnfinished(rows);
  if (unfinished !== undefined) {
    throw new MigrationError(
      `The migration ${unfinished} was begun and not finished. See whether its changes are in the database: ` +
        'if not, delete its row from _prisma_migrations; if they are, set its finished_at; then run this again.',
    );
  }
  const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  for (const { name, script } of migrations) {
    const checksum = applied.get(name);
    if (checksum !== undefined && !hasChecksum(script, checksum)) {
      throw new MigrationError(
        `The migration ${name} was edited after it was applied: restore its file, and put the change into a new migration.`,
      );
    }
  }
  const names = migrations.map(({ name }) => name);
  return {
    pending: names.filter((name) => !applied.has(name)),
    unknown: [...applied.keys()].filter((name) => !names.includes(name)),
  };
}

/** The name of the migration that was started and neither finished nor rolled back. */
export const findUnfinished = async (client: Client): Promise<string | undefined> =>
  nameOfUnfinished(await readHistory(client));

const nameOfUnfinished = (rows: HistoryRow[]) => rows.find((row) => row.finished_at === null)?.migration_name;

async function readHistory(client: Client): Promise<HistoryRow[]> {
  const { rows: found } = await client.query(`SELECT to_regclass('public._prisma_migrations') AS history`);
  if (found[0]?.history === null) return [];
  const { rows } = await client.query<HistoryRow>(
    `SELECT migration_name, checksum, finished_at FROM public._prisma_migrations
     WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

/**
 * Revokes the table of applied migrations from all but its owner, as the default privileges have granted it to the app role, and grants the
 * app role to read which migrations are applied: a service is ready when its own are (subgraphs/shared/expectedSchema.ts).
 */
export async function shareHistory(client: Client): Promise<void> {
  const { rows: granted } = await client.query<{ grantee: string }>(`
    SELECT DISTINCT CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS grantee
    FROM pg_class, aclexplode(relacl)
    WHERE oid = to_regclass('public._prisma_migrations') AND grantee <> relowner`);
  for (const { grantee } of granted) await client.query(`REVOKE ALL ON public._prisma_migrations FROM ${grantee}`);
  const { rows: readers } = await client.query<{ reader: string }>(`
    SELECT grantee::regrole::text AS reader FROM pg_namespace, aclexplode(nspacl)
    WHERE nspname = 'public' AND privilege_type = 'USAGE' AND grantee NOT IN (0, nspowner)
      AND to_regclass('public._prisma_migrations') IS NOT NULL`);
  for (const { reader } of readers) {
    await client.query(
      `GRANT SELECT (migration_name, finished_at, rolled_back_at) ON public._prisma_migrations TO ${reader}`,
    );
  }
}
