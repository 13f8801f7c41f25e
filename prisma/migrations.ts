import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, DatabaseError } from 'pg';
import { type Service, withClient } from './databases';
import { readDatamodel } from './datamodel';
import { asMigrationList, readMigrations } from './migration/folder';
import { compareWithHistory, findUnfinished, shareHistory } from './migration/history';
import { isConcurrent, isLockTimeout, LOCK_WAITS, type LockWaits } from './migration/lockWaits';
import { MigrationError } from './migration/migrationError';
import { NO_FILTER, withSchemaEngine } from './migration/schemaEngine';

export { MigrationError } from './migration/migrationError';

/** What a run has applied, by names of migrations. */
export interface MigrationOutcome {
  applied: string[];
  /** In the database and not in the folder: the database is ahead of this version of the code. */
  unknown: string[];
}

/** Where a service's Prisma schema and migrations/ are. */
export const serviceFolder = (service: Service): string => join(__dirname, service);

/**
 * Applies a service's pending migrations and maintains Prisma's own `_prisma_migrations` table, so that `prisma migrate deploy` may be
 * used as well. An advisory lock serializes concurrent processes. Prisma's engine is loaded only when something is pending. The services may
 * run meanwhile: a script that can't have its locks soon gives way, and is tried again (decision 106).
 * @param ownerUrl of the owner role, directly to PostgreSQL: the advisory lock belongs to the session, which PgBouncer would share.
 * @throws MigrationError when the database does not answer, or a migration fails, was interrupted, or was edited after it was applied.
 */
export async function applyMigrations(
  ownerUrl: string,
  folder: string,
  waits: LockWaits = LOCK_WAITS,
): Promise<MigrationOutcome> {
  const migrations = await readMigrations(join(folder, 'migrations'));
  return onOwnConnection(ownerUrl, async (client) => {
    await lockMigrations(client);
    const { pending, unknown } = await compareWithHistory(client, migrations);
    if (pending.length > 0) await applyPending(client, ownerUrl, folder, waits);
    await shareHistory(client);
    return { applied: pending, unknown };
  });
}

const OTHER_RUN = { pollMs: 250, attempts: 2_400 };

/** Asks for the lock instead of waiting in it: CREATE INDEX CONCURRENTLY waits for every statement that is running, also for one that waits for a lock. */
async function lockMigrations(client: Client): Promise<void> {
  for (let attempt = 1; attempt <= OTHER_RUN.attempts; attempt++) {
    const { rows } = await client.query(`SELECT pg_try_advisory_lock(hashtext('applyMigrations')) AS locked`);
    if (rows[0]?.locked) return;
    await sleep(OTHER_RUN.pollMs);
  }
  throw new MigrationError(
    'Another process has been migrating this database for ten minutes: see what it waits for, then run this again.',
  );
}

async function onOwnConnection<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  try {
    return await withClient(url, work);
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    const { host, pathname } = new URL(url);
    // A host with several addresses fails with an AggregateError, which has one error for each.
    const [first = error as Error]: Error[] = (error as AggregateError).errors ?? [];
    throw new MigrationError(`The database ${pathname.slice(1)} at ${host} can't be migrated: ${first.message}.`, {
      cause: error,
    });
  }
}

async function applyPending(client: Client, url: string, folder: string, waits: LockWaits): Promise<void> {
  const datamodel = await readDatamodel(folder);
  const migrationsList = await asMigrationList(join(folder, 'migrations'));
  try {
    await withSchemaEngine(
      url,
      datamodel,
      (engine) => engine.applyMigrations({ migrationsList, filters: NO_FILTER }),
      waits,
    );
  } catch (error) {
    throw await explainFailure(client, folder, error);
  }
}

/**
 * A script is one transaction, so that a failed one has changed nothing, unless it commits by itself. Its row is marked as rolled back,
 * and the next run applies the corrected script.
 */
async function explainFailure(client: Client, folder: string, error: unknown): Promise<unknown> {
  if (!(error instanceof DatabaseError)) return error;
  const name = await findUnfinished(client);
  // It failed before the first migration was started.
  if (name === undefined) return error;

  const script = await readFile(join(folder, 'migrations', name, 'migration.sql'), 'utf8');
  const line = script.slice(0, Number(error.position ?? 1)).split('\n').length;
  const refusal = isLockTimeout(error)
    ? `The migration ${name} did not get the locks that it needs: something holds a table for long, such as a backup.`
    : `The migration ${name} fails${error.position ? ` at line ${line}` : ''}: ${error.message}.`;
  if (isConcurrent(script)) await dropInvalidIndexes(client);
  else if (/\bCOMMIT\b/i.test(script)) {
    return new MigrationError(`${refusal} A part of it may have been applied.`, { cause: error });
  }
  await client.query(
    `UPDATE public._prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL AND rolled_back_at IS NULL`,
  );
  const next = isLockTimeout(error) ? 'run this again' : 'correct it and run this again';
  return new MigrationError(`${refusal} Nothing of it was kept: ${next}.`, { cause: error });
}

/** What CREATE INDEX CONCURRENTLY leaves when it fails. Nothing else makes such indexes while the advisory lock is held. */
async function dropInvalidIndexes(client: Client): Promise<void> {
  const { rows } = await client.query<{ index: string }>(`
    SELECT indexrelid::regclass::text AS index FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE NOT indisvalid AND relnamespace = 'public'::regnamespace AND relkind = 'i'`);
  for (const { index } of rows) await client.query(`DROP INDEX CONCURRENTLY ${index}`);
}
