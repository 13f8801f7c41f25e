import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { SESSION_SETTINGS } from '../../subgraphs/shared/databaseSession';
import {
  createDatabases,
  type DatabaseCredentials,
  databaseName,
  databasesScript,
  databaseUrls,
  onDatabase,
  requireSupportedVersion,
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

it.each([
  [170_010, 'This server is PostgreSQL 17.10: the platform needs PostgreSQL 18 or later.'],
  [160_014, 'This server is PostgreSQL 16.14: the platform needs PostgreSQL 18 or later.'],
])('a server of version %i is refused', (version, message) => {
  expect(() => requireSupportedVersion(version)).toThrow(message);
});

describe('an administrator with CREATEDB and CREATEROLE alone, as managed PostgreSQL gives', () => {
  let managed: EmbeddedPostgres;
  let adminUrl: string;
  const managedUrls = (secret: string) => databaseUrls({ host: '127.0.0.1', port: managed.port }, credentials(secret));

  beforeEach(async () => {
    managed = await startEmbeddedPostgres({
      dataDirectory: join(folder, `managed-${crypto.randomUUID()}`),
      port: 0,
      superuserPassword: 'root',
      settings: { fsync: 'off' },
    });
    await withClient(managed.adminUrl, (client) =>
      client.query(`CREATE ROLE dba LOGIN CREATEDB CREATEROLE PASSWORD 'dba'`),
    );
    const url = new URL(managed.adminUrl);
    url.username = 'dba';
    url.password = 'dba';
    adminUrl = url.href;
  });
  afterEach(() => managed?.stop());

  /** The owner migrates, the app role uses it and owns nothing, and the administrator has kept no right. */
  async function expectUsable(secret: string): Promise<void> {
    for (const service of SERVICES) {
      const {
        [`${service.toUpperCase()}_DATABASE_URL`]: app = '',
        [`${service.toUpperCase()}_MIGRATION_DATABASE_URL`]: owner = '',
      } = managedUrls(secret);
      await withClient(owner, (client) =>
        client.query('CREATE TABLE IF NOT EXISTS later (id int); CREATE SCHEMA IF NOT EXISTS mine; DROP SCHEMA mine'),
      );
      await withClient(app, async (client) => {
        await client.query('INSERT INTO later VALUES (1)');
        await expect(client.query('CREATE TABLE mine (id int)')).rejects.toMatchObject({ code: '42501' });
        const { rows } = await client.query(
          `SELECT current_setting('lock_timeout') AS locks, current_setting('TimeZone') AS zone`,
        );
        expect(rows).toEqual([{ locks: '2s', zone: 'UTC' }]);
      });
      await expect(withClient(onDatabase(adminUrl, databaseName(service)), async () => {})).rejects.toMatchObject({
        code: '42501',
      });
    }
  }

  it('makes databases and roles, and changes passwords later', async () => {
    await createDatabases(adminUrl, credentials('one'));
    await expectUsable('one');
    await createDatabases(adminUrl, credentials('two'));
    await expectUsable('two');
  });

  it('does the same by the script for psql, twice', async () => {
    for (let run = 0; run < 2; run++) await runAsPsql(databasesScript(), credentials('one'));
    await expectUsable('one');
  });

  /** As psql: its variables, `\\gexec` and `\\connect`. */
  async function runAsPsql(script: string, passwords: DatabaseCredentials): Promise<void> {
    const variables = Object.fromEntries(
      SERVICES.flatMap((service) => [
        [`${service}_owner_password`, passwords[service].ownerPassword],
        [`${service}_app_password`, passwords[service].appPassword],
      ]),
    );
    let client = await connectTo(adminUrl);
    const run = (sql: string) =>
      client.query(sql.replace(/:'(\w+)'/g, (_all, name) => client.escapeLiteral(variables[name] ?? '')));
    for (const part of script.split(/(?<=;)\n|\n(?=\\)|(?<=gexec)\n|(?<=connect \w+)\n/)) {
      const connect = /^\\connect (\w+)$/m.exec(part.trim());
      const query = part.replace('\\gexec', '');
      if (connect) {
        await client.end();
        client = await connectTo(onDatabase(adminUrl, connect[1] ?? ''));
      } else if (query !== part) {
        const { rows } = await client.query({ text: query, rowMode: 'array' });
        for (const [statement] of rows) await client.query(statement);
      } else await run(part);
    }
    await client.end();
  }

  async function connectTo(connectionString: string): Promise<Client> {
    const client = new Client({ connectionString });
    await client.connect();
    return client;
  }
});
