import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { SESSION_SETTINGS } from '../../subgraphs/shared/databaseSession';
import {
  createDatabases,
  type DatabaseCredentials,
  databaseName,
  databaseUrls,
  onDatabase,
  SERVICES,
  withClient,
} from '../databases';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embeddedPostgres';

// Roles belong to a server and not to a database: a server of its own, not that of all the tests.
let server: EmbeddedPostgres;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'databases-'));
  await chmod(folder, 0o755);
  server = await startEmbeddedPostgres({
    dataDirectory: join(folder, 'postgres'),
    port: 0,
    superuserPassword: 'admin',
    settings: {
      fsync: 'off',
      TimeZone: 'Asia/Kathmandu',
      DateStyle: 'German, DMY',
      IntervalStyle: 'iso_8601',
      search_path: 'x',
    },
  });
  await createDatabases(server.adminUrl, credentials('one'));
});

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

/** With what needs escaping in SQL and in a URL. */
function credentials(secret: string): DatabaseCredentials {
  const of = (service: string) => ({
    ownerPassword: `${service}/${secret}'@:%`,
    appPassword: `app:${service}?${secret}"`,
  });
  return { tenant: of('tenant'), product: of('product'), order: of('order') };
}

const urls = (secret: string) => databaseUrls({ host: '127.0.0.1', port: server.port }, credentials(secret));

const whoAndWhere = (url = '') =>
  withClient(
    url,
    async (client) => (await client.query('SELECT current_user AS role, current_database() AS it')).rows[0],
  );

describe('createDatabases', () => {
  const pairs = SERVICES.flatMap((one) => SERVICES.filter((two) => two !== one).map((two) => [one, two] as const));

  it.each(pairs)('refuses both roles of %s at the database of %s', async (one, two) => {
    for (const url of [
      urls('one')[`${one.toUpperCase()}_DATABASE_URL`],
      urls('one')[`${one.toUpperCase()}_MIGRATION_DATABASE_URL`],
    ]) {
      await expect(whoAndWhere(onDatabase(url ?? '', databaseName(two)))).rejects.toMatchObject({ code: '42501' });
    }
  });

  it.each(SERVICES)('makes a database of %s with an owner and an app role', async (service) => {
    const {
      [`${service.toUpperCase()}_DATABASE_URL`]: app,
      [`${service.toUpperCase()}_MIGRATION_DATABASE_URL`]: owner,
    } = urls('one');
    expect(await whoAndWhere(app)).toEqual({ role: `${service}_app`, it: `${service}_db` });
    expect(await whoAndWhere(owner)).toEqual({ role: `${service}_owner`, it: `${service}_db` });
  });

  it('gives no role a right over the server', async () => {
    const { rows } = await withClient(server.adminUrl, (client) =>
      client.query(`SELECT rolname FROM pg_roles WHERE rolname ~ '_(owner|app)$'
        AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)`),
    );
    expect(rows).toEqual([]);
  });

  it.each(SERVICES)('gives both roles of %s sessions in UTC, whatever the server has', async (service) => {
    const prefix = service.toUpperCase();
    for (const url of [urls('one')[`${prefix}_DATABASE_URL`], urls('one')[`${prefix}_MIGRATION_DATABASE_URL`]]) {
      // As psql connects, and a pooler.
      const client = new Client({ connectionString: url });
      await client.connect();
      const show = async (name: string) => (await client.query(`SELECT current_setting($1) AS it`, [name])).rows[0].it;
      const found = Object.fromEntries(
        await Promise.all(Object.keys(SESSION_SETTINGS).map(async (name) => [name, await show(name)])),
      );
      await client.end();
      expect(found).toEqual(SESSION_SETTINGS);
    }
  });

  it('lets the app role use what the owner makes later', async () => {
    const { ORDER_DATABASE_URL: app = '', ORDER_MIGRATION_DATABASE_URL: owner = '' } = urls('one');
    await withClient(owner, (client) => client.query('CREATE TABLE later (id serial)'));
    await withClient(app, async (client) => {
      await client.query('INSERT INTO later DEFAULT VALUES');
      await expect(client.query('TRUNCATE later')).rejects.toMatchObject({ code: '42501' });
    });
  });

  it('changes passwords, and keeps existing databases; concurrent runs do no harm', async () => {
    const owner = urls('one').TENANT_MIGRATION_DATABASE_URL ?? '';
    await withClient(owner, (client) => client.query('CREATE TABLE kept (id int)'));

    await Promise.all([
      createDatabases(server.adminUrl, credentials('two')),
      createDatabases(server.adminUrl, credentials('two')),
    ]);

    await expect(whoAndWhere(owner)).rejects.toMatchObject({ code: '28P01' });
    await withClient(urls('two').TENANT_DATABASE_URL ?? '', (client) => client.query('SELECT * FROM kept'));
    await createDatabases(server.adminUrl, credentials('one'));
  });
});
