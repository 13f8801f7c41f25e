import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { DatabaseError } from 'pg';
import { isService, SERVICES } from './databases';
import { readDatamodel } from './datamodel';
import { EmbeddedPostgresError, startEmbeddedPostgres } from './embeddedPostgres';
import { asMigrationList, LOCK_FILE } from './migration/folder';
import { NO_FILTER, withSchemaEngine } from './migration/schemaEngine';
import { MigrationError, serviceFolder } from './migrations';

/**
 * Writes the next migration, on a temporary PostgreSQL that it starts.
 * @throws as `createMigrationOn`; EmbeddedPostgresError.
 */
export const createMigration = (folder: string, name: string): Promise<string | null> =>
  withTemporaryPostgres((adminUrl) => createMigrationOn(adminUrl, folder, name));

/**
 * Writes `<folder>/migrations/<UTC timestamp>_<name>/migration.sql`: the difference between the migrations and the Prisma schema, and
 * row-level security for each new table with a tenant.
 * @param adminUrl of a role that may create the shadow database, to which the migrations are applied.
 * @returns the file, or null when there is no difference.
 * @throws MigrationError when the name or the schema is invalid, or a migration does not apply.
 */
export async function createMigrationOn(adminUrl: string, folder: string, name: string): Promise<string | null> {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new MigrationError('Name the migration by what it does, in lower case with underscores: --name add_brand');
  }
  const script = await diff(adminUrl, folder);
  if (script === null) return null;

  const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const migration = join(folder, 'migrations', `${timestamp}_${name}`);
  await mkdir(migration, { recursive: true });
  await writeFile(join(folder, 'migrations', LOCK_FILE.path), LOCK_FILE.content);
  await writeFile(join(migration, 'migration.sql'), script + rowSecurityFor(script));
  return join(migration, 'migration.sql');
}

async function diff(url: string, folder: string): Promise<string | null> {
  const datamodel = await readDatamodel(folder);
  const migrations = await asMigrationList(join(folder, 'migrations'));
  try {
    const { exitCode, stdout } = await withSchemaEngine(url, datamodel, (engine) =>
      engine.diff({
        from: { tag: 'migrations', ...migrations },
        to: { tag: 'schemaDatamodel', files: datamodel.map(([path, content]) => ({ path, content })) },
        script: true,
        exitCode: true,
        filters: NO_FILTER,
      }),
    );
    return exitCode === 0 ? null : stdout;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    throw new MigrationError(`The migrations do not apply to an empty database: ${error.message}.`, { cause: error });
  }
}

/** The statements for row-level security, for each table with a tenant that a script creates. */
export function rowSecurityFor(script: string): string {
  const tables = [...script.matchAll(/^CREATE TABLE "(\w+)" \(([\s\S]*?)^\);/gm)];
  return tables
    .filter(([, , columns]) => columns?.includes('"tenant_id"'))
    .map(
      ([, table]) => `
-- RowLevelSecurity
ALTER TABLE "${table}" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${table}" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "${table}"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));
`,
    )
    .join('');
}

async function withTemporaryPostgres<Result>(work: (adminUrl: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'migration-'));
  // When this runs as root, PostgreSQL runs as another user, who has to enter this folder.
  await chmod(folder, 0o755);
  try {
    const server = await startEmbeddedPostgres({
      dataDirectory: join(folder, 'postgres'),
      port: 0,
      superuserPassword: crypto.randomUUID(),
      settings: { fsync: 'off' },
    });
    try {
      return await work(server.adminUrl);
    } finally {
      await server.stop();
      await rm(server.dataDirectory, { recursive: true });
      await rm(server.logFile);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { name: { type: 'string' } } });
  const [service = ''] = positionals;
  if (!isService(service)) throw new MigrationError(`Say which service: ${SERVICES.join(', ')}.`);
  const file = await createMigration(serviceFolder(service), values.name ?? '');
  if (file === null) {
    console.log(`${service}: no change: its migrations lead to its Prisma schema.`);
    return;
  }
  console.log(`Wrote ${relative(process.cwd(), file)}. Read it before you apply it:`);
  console.log('- new tables with a tenant_id got row-level security; another policy or a CHECK is added by hand;');
  console.log('- a change of existing data (a backfill, a rename instead of drop and create) is written by hand.');
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error) => {
    const isExpected = error instanceof MigrationError || error instanceof EmbeddedPostgresError;
    console.error(isExpected ? error.message : error);
    process.exitCode = 1;
  });
}
