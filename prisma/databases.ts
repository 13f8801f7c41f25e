import { type Client, DatabaseError } from 'pg';
import { SESSION_SETTINGS, SessionClient } from '../subgraphs/shared/databaseSession';

/** The services, in the order in which they are migrated; each has a database and two roles of its own. */
export const SERVICES = ['tenant', 'product', 'order'] as const;

export type Service = (typeof SERVICES)[number];

/** Passwords of a service's two roles. */
export interface ServiceCredentials {
  /** Of `<service>_owner`, which owns the database and migrates it. */
  ownerPassword: string;
  /** Of `<service>_app`, which the service connects as. */
  appPassword: string;
}

export type DatabaseCredentials = Record<Service, ServiceCredentials>;

/** `tenant_db` and so on. */
export const databaseName = (service: Service): string => `${service}_db`;
export const ownerRole = (service: Service): string => `${service}_owner`;
export const appRole = (service: Service): string => `${service}_app`;

/** Whether a string is the name of a service. */
export const isService = (name: string): name is Service => SERVICES.some((service) => service === name);

/**
 * The services' environment: `TENANT_DATABASE_URL` (app role), `TENANT_MIGRATION_DATABASE_URL` (owner role), and likewise
 * for `PRODUCT_` and `ORDER_`.
 */
export function databaseUrls(
  server: { host: string; port: number },
  credentials: DatabaseCredentials,
): Record<string, string> {
  const urls: Record<string, string> = {};
  for (const service of SERVICES) {
    const at = { ...server, database: databaseName(service) };
    const { ownerPassword, appPassword } = credentials[service];
    const prefix = service.toUpperCase();
    urls[`${prefix}_DATABASE_URL`] = databaseUrl({ ...at, user: appRole(service), password: appPassword });
    urls[`${prefix}_MIGRATION_DATABASE_URL`] = databaseUrl({
      ...at,
      user: ownerRole(service),
      password: ownerPassword,
    });
  }
  return urls;
}

/** A `postgresql://` URL; the password is escaped. */
function databaseUrl(to: { host: string; port: number; database: string; user: string; password: string }): string {
  const host = to.host.includes(':') ? `[${to.host}]` : to.host;
  return `postgresql://${to.user}:${encodeURIComponent(to.password)}@${host}:${to.port}/${to.database}`;
}

/**
 * Creates the three databases and their six roles where they are missing, sets the roles' passwords, and grants their privileges anew.
 * Idempotent; an advisory lock serializes concurrent processes.
 * @param adminUrl of a superuser, on any database of the server.
 * @throws Error of pg when the server does not answer or refuses.
 */
export async function createDatabases(adminUrl: string, credentials: DatabaseCredentials): Promise<void> {
  await withClient(adminUrl, async (admin) => {
    await admin.query(`SELECT pg_advisory_lock(hashtext('createDatabases'))`);
    for (const service of SERVICES) {
      await createRoles(admin, service, credentials[service]);
      await createDatabase(adminUrl, admin, service, databaseName(service));
    }
  });
}

/**
 * Creates one database for a service, with the owner and the privileges of {@link createDatabases}; its roles exist already.
 * @param template a database to copy, with its tables and their privileges. It must have no connections.
 */
export async function createDatabase(
  adminUrl: string,
  admin: Client,
  service: Service,
  name: string,
  template?: string,
): Promise<void> {
  const database = admin.escapeIdentifier(name);
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (!rowCount) {
    // Its files, which costs half of writing each page to the log, the default.
    const copied = template ? `TEMPLATE ${admin.escapeIdentifier(template)} STRATEGY FILE_COPY` : '';
    await admin.query(`CREATE DATABASE ${database} OWNER ${ownerRole(service)} ${copied}`);
  }
  // A copy has its template's privileges on the objects in it, but not those on the database itself.
  await admin.query(`
    ALTER DATABASE ${database} OWNER TO ${ownerRole(service)};
    REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${database} TO ${appRole(service)}`);
  if (!template) await withClient(onDatabase(adminUrl, name), (client) => grantWithin(client, service));
}

/** The same server and role, another database. */
export function onDatabase(url: string, database: string): string {
  const moved = new URL(url);
  moved.pathname = `/${database}`;
  return moved.href;
}

/** Connects, calls `work`, and disconnects whatever happens. */
export async function withClient<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new SessionClient({ connectionString: url });
  // A lost connection also rejects the current statement, or the next one.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Timeouts, so that statements that wait for one store's locks can't occupy all connections. They are settings of the app role and not
 * of the connection, because PgBouncer, which shares connections, accepts none from a client.
 */
const LIMITS_OF_APP_ROLE = {
  lock_timeout: '2s',
  statement_timeout: '10s',
  idle_in_transaction_session_timeout: '10s',
};

/**
 * How soon PostgreSQL ends a statement whose connection was closed: by a service whose caller is gone, or by the end of the service.
 * A server on Windows can't detect that, and rejects the setting; there statement_timeout ends the statement.
 */
const CONNECTION_CHECK = `client_connection_check_interval = '500ms'`;
const INVALID_VALUE = '22023';

/** Creates the two roles of a service where they are missing, and sets their attributes, sessions' settings, timeouts and passwords. */
export async function createRoles(admin: Client, service: Service, credentials: ServiceCredentials): Promise<void> {
  const roles = [
    { role: ownerRole(service), password: credentials.ownerPassword },
    { role: appRole(service), password: credentials.appPassword },
  ];
  for (const { role, password } of roles) {
    const { rowCount } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
    if (!rowCount) await admin.query(`CREATE ROLE ${role}`);
    await admin.query(
      `ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
       PASSWORD ${admin.escapeLiteral(password)}`,
    );
    for (const [setting, value] of Object.entries(SESSION_SETTINGS)) {
      await admin.query(`ALTER ROLE ${role} SET ${setting} = ${setting === 'search_path' ? value : `'${value}'`}`);
    }
  }
  for (const [setting, value] of Object.entries(LIMITS_OF_APP_ROLE)) {
    await admin.query(`ALTER ROLE ${appRole(service)} SET ${setting} = '${value}'`);
  }
  await admin.query(`ALTER ROLE ${appRole(service)} SET ${CONNECTION_CHECK}`).catch((error: unknown) => {
    if (!(error instanceof DatabaseError && error.code === INVALID_VALUE)) throw error;
  });
}

/** The app role may read and write rows of the owner's tables, and nothing else: no TRUNCATE, which ignores row-level security. */
async function grantWithin(client: Client, service: Service): Promise<void> {
  const owner = ownerRole(service);
  const app = appRole(service);
  await client.query(`
    ALTER SCHEMA public OWNER TO ${owner};
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO ${app};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${app};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT USAGE ON SEQUENCES TO ${app};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO ${app}`);
}
