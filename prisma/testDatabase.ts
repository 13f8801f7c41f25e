import { randomBytes } from 'node:crypto';
import {
  appRole,
  createDatabase,
  type DatabaseCredentials,
  databaseName,
  onDatabase,
  ownerRole,
  type Service,
  withClient,
} from './databases';

/** The server that Jest's globalSetup has started for all test files of a run. */
export interface TestServer {
  /** The superuser's. */
  adminUrl: string;
  credentials: DatabaseCredentials;
}

/** A database for one test file, with the tables, the owner and the privileges of a service's real one. */
export interface TestDatabase {
  name: string;
  /** As `<service>_app`: what the service connects with. */
  appUrl: string;
  /** As `<service>_owner`. */
  ownerUrl: string;
  /** Ends all sessions on it and deletes it. */
  drop(): Promise<void>;
}

const VARIABLE = 'TEST_POSTGRES';
const PREFIX = 'test_';

/** Tells Jest's workers where the server is: they inherit the environment of the process that ran globalSetup. */
export function announceTestServer(server: TestServer): void {
  process.env[VARIABLE] = JSON.stringify(server);
}

/** @throws Error outside a run of Jest whose globalSetup is prisma/test/globalSetup.ts. */
export function testServer(): TestServer {
  const server = process.env[VARIABLE];
  if (!server) throw new Error('There is no test server: run this through Jest, whose globalSetup starts it');
  return JSON.parse(server);
}

/** The migrated database that a service's test databases are copied from. */
export const templateName = (service: Service): string => `template_${databaseName(service)}`;

/**
 * Creates a test database (about 50 ms). The caller drops it; databases that a killed run leaves behind are dropped by the next run.
 * @param content `empty`: without the migrations.
 * @param server another than the run's; it has templates, too.
 */
export async function createTestDatabase(
  service: Service,
  content: 'migrated' | 'empty' = 'migrated',
  { adminUrl, credentials }: TestServer = testServer(),
): Promise<TestDatabase> {
  const name = `${PREFIX}${service}_${randomBytes(6).toString('hex')}`;
  const template = content === 'migrated' ? templateName(service) : undefined;
  await withClient(adminUrl, (admin) => createDatabase(adminUrl, admin, service, name, template));
  return {
    name,
    appUrl: urlOf(adminUrl, name, appRole(service), credentials[service].appPassword),
    ownerUrl: urlOf(adminUrl, name, ownerRole(service), credentials[service].ownerPassword),
    drop: () => dropTestDatabase(adminUrl, name),
  };
}

/** @throws Error when the name is not one of a test database. */
async function dropTestDatabase(adminUrl: string, name: string): Promise<void> {
  requireTestDatabase(name);
  await withClient(adminUrl, (admin) =>
    admin.query(`DROP DATABASE IF EXISTS ${admin.escapeIdentifier(name)} WITH (FORCE)`),
  );
}

/**
 * A guard for code that writes test data, or deletes.
 * @throws Error when a name, or the database of a URL, is not one of a test database.
 */
function requireTestDatabase(nameOrUrl: string): void {
  const name = URL.canParse(nameOrUrl) ? new URL(nameOrUrl).pathname.slice(1) : nameOrUrl;
  if (!name.startsWith(PREFIX))
    throw new Error(`"${name}" is not a test database: its name does not begin with ${PREFIX}`);
}

/** Drops the databases of killed runs, on a server that no other run uses. */
export async function dropLeftovers(adminUrl: string): Promise<void> {
  const { rows } = await withClient(adminUrl, (admin) =>
    admin.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)', [PREFIX]),
  );
  for (const { name } of rows) await dropTestDatabase(adminUrl, name);
}

function urlOf(adminUrl: string, name: string, user: string, password: string): string {
  const url = new URL(onDatabase(adminUrl, name));
  url.username = user;
  url.password = encodeURIComponent(password);
  return url.href;
}
