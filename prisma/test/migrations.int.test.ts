import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES, type Service, withClient } from '../databases';
import { migrate } from '../migrate';
import type { LockWaits } from '../migration/lockWaits';
import { applyMigrations, serviceFolder } from '../migrations';
import { createTestDatabase, type TestDatabase, testServer } from '../testDatabase';
import { callOutsideJest } from './callOutsideJest';

// Each call outside Jest starts a process, and some a PostgreSQL.
jest.setTimeout(60_000);

const INIT = '20261124000000_init';

let database: TestDatabase;
/** A copy of a service's schema and migrations: the product service's, unless a test takes another. */
let folder: string;
/** The folder's migrations as it was copied, in their order. */
let shipped: string[];

beforeEach(async () => {
  database = await createTestDatabase('product', 'empty');
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  await copyService('product');
});

afterEach(async () => {
  await database?.drop();
  await rm(folder, { recursive: true });
});

async function copyService(service: Service): Promise<void> {
  await rm(folder, { recursive: true });
  await cp(serviceFolder(service), folder, { recursive: true });
  const entries = await readdir(join(folder, 'migrations'), { withFileTypes: true });
  shipped = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

const apply = (...waits: LockWaits[]) =>
  callOutsideJest('migrations', 'applyMigrations', database.ownerUrl, folder, ...waits);

const query = (sql: string) =>
  withClient(database.ownerUrl, async (client) => (await client.query({ text: sql, rowMode: 'array' })).rows);

async function untilSeen(count: number, sql: string): Promise<'seen'> {
  while ((await query(sql))[0]?.[0] !== count) await sleep(20);
  return 'seen';
}

/** Sessions whose last statement asked for the lock of migrations. */
const ASKING = `SELECT count(*)::int FROM pg_stat_activity
  WHERE datname = current_database() AND query LIKE 'SELECT pg_try_advisory_lock%'`;

/** Migrations that wait for a table: requests may wait behind them. */
const WAITING = `SELECT count(*)::int FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

async function addMigration(name: string, script: string): Promise<void> {
  await mkdir(join(folder, 'migrations', name), { recursive: true });
  await writeFile(join(folder, 'migrations', name, 'migration.sql'), script);
}

describe('applyMigrations', () => {
  it('is refused where an applied migration was edited', async () => {
    await apply();
    await writeFile(join(folder, 'migrations', INIT, 'migration.sql'), 'SELECT 1;');

    await expect(applyMigrations(database.ownerUrl, folder)).rejects.toThrow(
      `The migration ${INIT} was edited after it was applied`,
    );
  });

  it('says where a migration fails and keeps nothing of it; corrected, it is applied', async () => {
    await apply();
    await addMigration('30000101000000_bad', 'CREATE TABLE half (id int);\n\nSELECT * FROM nowhere;\n');

    await expect(apply()).rejects.toThrow(
      'The migration 30000101000000_bad fails at line 3: relation "nowhere" does not exist. Nothing of it was kept',
    );
    expect(await query(`SELECT to_regclass('half')`)).toEqual([[null]]);

    await addMigration('30000101000000_bad', 'CREATE TABLE half (id int);\n');
    expect(await apply()).toEqual({ applied: ['30000101000000_bad'], unknown: [] });
  });

  it('is refused after a migration that was begun and not finished', async () => {
    await apply();
    await query('UPDATE _prisma_migrations SET finished_at = NULL');

    await expect(applyMigrations(database.ownerUrl, folder)).rejects.toThrow(
      `The migration ${INIT} was begun and not finished`,
    );
  });

  it('says in a sentence that the database does not answer', async () => {
    await expect(applyMigrations('postgresql://product_owner:x@127.0.0.1:1/product_db', folder)).rejects.toThrow(
      "The database product_db at 127.0.0.1:1 can't be migrated: connect ECONNREFUSED 127.0.0.1:1.",
    );
  });

  it('says in a sentence that a role may not migrate', async () => {
    await expect(callOutsideJest('migrations', 'applyMigrations', database.appUrl, folder)).rejects.toThrow(
      "Prisma's schema engine refuses: ERROR: permission denied for schema public",
    );
  });

  it('says which variable is missing', async () => {
    await expect(migrate(['product'], {}, () => {})).rejects.toThrow('PRODUCT_MIGRATION_DATABASE_URL is not set');
  });

  it('applies from empty, and then nothing', async () => {
    expect(await apply()).toEqual({ applied: shipped, unknown: [] });
    expect(await query(`SELECT to_regclass('products')::text`)).toEqual([['products']]);
    expect(await applyMigrations(database.ownerUrl, folder)).toEqual({ applied: [], unknown: [] });
  });

  it('applies once when two processes migrate concurrently', async () => {
    const outcomes = await withClient(database.ownerUrl, async (client) => {
      const lock = `hashtext('applyMigrations')`;
      await client.query(`SELECT pg_advisory_lock(${lock})`);
      const both = Promise.all([apply(), apply()]);
      await expect(Promise.race([both, untilSeen(2, ASKING)])).resolves.toBe('seen');
      await client.query(`SELECT pg_advisory_unlock(${lock})`);
      return both;
    });

    expect(outcomes).toContainEqual({ applied: shipped, unknown: [] });
    expect(outcomes).toContainEqual({ applied: [], unknown: [] });
  });

  it('takes a file whose line ends Git has changed for the same', async () => {
    await apply();
    const file = join(folder, 'migrations', INIT, 'migration.sql');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('\n', '\r\n'));

    expect(await applyMigrations(database.ownerUrl, folder)).toEqual({ applied: [], unknown: [] });
  });

  it('goes on, and says so, where the database is ahead of the code', async () => {
    await apply();
    await rm(join(folder, 'migrations', INIT), { recursive: true });

    expect(await applyMigrations(database.ownerUrl, folder)).toEqual({ applied: [], unknown: [INIT] });
  });
});

describe('a migration beside a backup, which holds every table to read', () => {
  /** With our migrations in it: it takes longer to apply them. */
  const useMigrated = async () => {
    await database.drop();
    database = await createTestDatabase('product');
  };

  /** Holds all tables as pg_dump does, while `work` runs. */
  const withBackup = <Result>(work: (end: () => Promise<unknown>) => Promise<Result>) =>
    withClient(database.ownerUrl, async (client) => {
      const { rows } = await client.query(
        `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
      );
      const tables = rows.map(({ name }) => name);
      await client.query(`BEGIN; LOCK TABLE ${tables.join(', ')} IN ACCESS SHARE MODE`);
      return work(() => client.query('COMMIT'));
    });

  /** Reads and writes as the service does, with its limits, until `work` ends. @returns what was refused. */
  async function withRequests(work: () => Promise<void>): Promise<string[]> {
    const refused: string[] = [];
    let ended = false;
    const request = (sql: string) =>
      withClient(database.appUrl, async (client) => {
        // One at least, also where the migration is over before.
        do {
          await client.query(`SELECT set_tenant('org_x'); ${sql}`).catch((error: Error) => refused.push(error.message));
        } while (!ended && refused.length === 0);
      });
    const requests = [
      request('SELECT count(*) FROM products'),
      request('SELECT count(*) FROM product_variants'),
      request(`WITH one AS (INSERT INTO categories (tenant_id, id, name, slug, updated_at)
        VALUES ('org_x', gen_random_uuid()::text, 'x', gen_random_uuid()::text, now()) RETURNING id) SELECT * FROM one`),
    ];
    await work().finally(() => {
      ended = true;
    });
    await Promise.all(requests);
    return refused;
  }

  const WAITS: LockWaits = { lockTimeoutMs: 300, pauseMs: 100, attempts: 1_000 };
  const ALTERS = 'ALTER TABLE products ADD COLUMN brand TEXT; ALTER TABLE product_variants ADD COLUMN brand TEXT;';

  it('says what it lacks when the backup takes too long, and has changed nothing', async () => {
    await useMigrated();
    await addMigration('30000101000000_brand', ALTERS);
    await withBackup(async () => {
      await expect(apply({ ...WAITS, attempts: 2 })).rejects.toThrow(
        'The migration 30000101000000_brand did not get the locks that it needs: something holds a table for long, such as a backup. Nothing of it was kept: run this again.',
      );
    });
    expect(await apply()).toMatchObject({ applied: ['30000101000000_brand'] });
  });

  it('gives way to requests and is tried again: none of them fails', async () => {
    await useMigrated();
    await addMigration('30000101000000_brand', ALTERS);
    const refused = await withRequests(() =>
      withBackup(async (end) => {
        const applied = apply(WAITS);
        for (const attempt of ['first', 'second']) {
          expect([attempt, await Promise.race([applied, untilSeen(1, WAITING)])]).toEqual([attempt, 'seen']);
          await untilSeen(0, WAITING);
        }
        await end();
        expect(await applied).toMatchObject({ applied: ['30000101000000_brand'] });
      }),
    );
    expect(refused).toEqual([]);
  });

  it('the newest of ours stops no request', async () => {
    const newest = shipped.at(-1) ?? '';
    await cp(join(folder, 'migrations', newest), join(folder, 'newest'), { recursive: true });
    await rm(join(folder, 'migrations', newest), { recursive: true });
    await apply();
    await cp(join(folder, 'newest'), join(folder, 'migrations', newest), { recursive: true });
    const refused = await withRequests(() =>
      withBackup(async (end) => {
        const applied = apply(WAITS);
        await Promise.race([applied, untilSeen(1, WAITING)]);
        await end();
        expect(await applied).toMatchObject({ applied: [newest] });
      }),
    );
    expect(refused).toEqual([]);
  });

  it('an index is built while rows are written, outside of a transaction', async () => {
    await useMigrated();
    await addMigration(
      '30000101000000_index',
      'CREATE INDEX CONCURRENTLY "slow_idx" ON "categories"("tenant_id", "name");',
    );
    const refused = await withRequests(async () => {
      expect(await apply(WAITS)).toMatchObject({ applied: ['30000101000000_index'] });
    });
    expect(refused).toEqual([]);
    expect(await query(`SELECT indisvalid FROM pg_index WHERE indexrelid = 'slow_idx'::regclass`)).toEqual([[true]]);
  });

  it('an index that can’t be built leaves no invalid one', async () => {
    await useMigrated();
    await query(`ALTER TABLE categories NO FORCE ROW LEVEL SECURITY;
      INSERT INTO categories (tenant_id, id, name, slug, updated_at) VALUES ('a', '1', 'x', '1', now()), ('a', '2', 'x', '2', now())`);
    await addMigration(
      '30000101000000_index',
      'CREATE UNIQUE INDEX CONCURRENTLY "slow_idx" ON "categories"("tenant_id", "name");',
    );
    await expect(apply(WAITS)).rejects.toThrow('Nothing of it was kept');
    expect(await query(`SELECT to_regclass('slow_idx')`)).toEqual([[null]]);
  });
});

describe('createMigration', () => {
  const create = (name: string) =>
    callOutsideJest('createMigration', 'createMigrationOn', testServer().adminUrl, folder, name);

  it.each(SERVICES)('finds no change in the %s service', async (service) => {
    await copyService(service);
    expect(await create('nothing')).toBeNull();
  });

  it('is refused without a proper name', async () => {
    await expect(create('Add Brand')).rejects.toThrow('Name the migration by what it does');
  });

  it('is refused after a migration that does not apply', async () => {
    await addMigration('30000101000000_bad', 'SELECT * FROM nowhere;');
    await expect(create('more')).rejects.toThrow(
      'The migrations do not apply to an empty database: relation "nowhere" does not exist.',
    );
  });

  it('is refused by an invalid schema', async () => {
    await writeFile(join(folder, 'schema.prisma'), 'model {');
    await expect(create('more')).rejects.toThrow(/^Prisma's schema engine refuses: /);
  });

  it('writes the change, with row-level security for a new table of tenants', async () => {
    const schema = join(folder, 'schema.prisma');
    const brand = `
      model Brand {
        tenantId String @map("tenant_id")
        id       String
        @@id([tenantId, id])
        @@map("brands")
      }`;
    await writeFile(schema, (await readFile(schema, 'utf8')) + brand);

    // On a server of its own, as the command does it.
    const file = String(await callOutsideJest('createMigration', 'createMigration', folder, 'add_brand'));

    expect(file).toMatch(/migrations\/\d{14}_add_brand\/migration\.sql$/);
    const script = await readFile(file, 'utf8');
    expect(script).toContain('CREATE TABLE "brands"');
    expect(script).toContain('ALTER TABLE "brands" FORCE ROW LEVEL SECURITY');
    // It may have an earlier timestamp than one that shipped.
    const { applied } = (await apply()) as { applied: string[] };
    expect(applied).toHaveLength(shipped.length + 1);
    expect(applied).toEqual(expect.arrayContaining([...shipped, expect.stringContaining('add_brand')]));
    expect(await create('again')).toBeNull();
    expect(await readdir(join(folder, 'migrations'))).toHaveLength(shipped.length + 2);
  });
});
