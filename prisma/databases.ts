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
 * @param adminUrl of a role with CREATEDB and CREATEROLE, as managed PostgreSQL gives, or of a superuser; on any database of the server.
 * @throws Error in a sentence when the server is too old; Error of pg when it does not answer or refuses.
 */
export async function createDatabases(adminUrl: string, credentials: DatabaseCredentials): Promise<void> {
  await withClient(adminUrl, async (admin) => {
    const { rows } = await admin.query(`SELECT current_setting('server_version_num')::int AS version`);
    requireSupportedVersion(rows[0].version);
    await admin.query(`SELECT pg_advisory_lock(hashtext('createDatabases'))`);
    for (const service of SERVICES) {
      await createRoles(admin, service, credentials[service]);
      await asMemberOf(admin, ownerRole(service), () =>
        createDatabase(adminUrl, admin, service, databaseName(service)),
      );
    }
  });
}

/** The oldest PostgreSQL whose statements we use: uuidv7() in migrations, and old and new rows in RETURNING. */
const MIN_VERSION = 180_000;

/** @param version as `server_version_num` has it. @throws Error in a sentence when the server is older than what our statements need. */
export function requireSupportedVersion(version: number): void {
  if (version >= MIN_VERSION) return;
  const [major, minor] = [Math.floor(version / 10_000), version % 10_000];
  throw new Error(`This server is PostgreSQL ${major}.${minor}: the platform needs PostgreSQL 18 or later.`);
}

/** Who creates a role may change it, and no more. Giving it a database takes its rights, which a superuser has anyway. */
async function asMemberOf(admin: Client, role: string, work: () => Promise<void>): Promise<void> {
  const { rows } = await admin.query('SELECT rolsuper FROM pg_roles WHERE rolname = current_user');
  if (rows[0]?.rolsuper) return work();
  await admin.query(becomeMember(role));
  try {
    await work();
  } finally {
    await admin.query(endMembership(role));
  }
}

const becomeMember = (role: string) => `GRANT ${role} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE`;
const endMembership = (role: string) => `REVOKE ${role} FROM CURRENT_USER`;

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
  await admin.query(databaseGrants(service, database));
  if (!template) await withClient(onDatabase(adminUrl, name), (client) => client.query(schemaGrants(service)));
}

const databaseGrants = (service: Service, database: string) => `
    ALTER DATABASE ${database} OWNER TO ${ownerRole(service)};
    REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${database} TO ${appRole(service)}`;

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
    await admin.query(`ALTER ROLE ${role} LOGIN PASSWORD ${admin.escapeLiteral(password)}`);
    await revokeServerRights(admin, role);
  }
  for (const statement of roleSettings(service)) await admin.query(statement);
  await admin.query(`ALTER ROLE ${appRole(service)} SET ${CONNECTION_CHECK}`).catch((error: unknown) => {
    if (!(error instanceof DatabaseError && error.code === INVALID_VALUE)) throw error;
  });
}

/** A role that was there before may have them. Only a superuser may take some of them away, so only those are that it has. */
async function revokeServerRights(admin: Client, role: string): Promise<void> {
  const { rows } = await admin.query(
    `SELECT rolsuper AS "SUPERUSER", rolcreatedb AS "CREATEDB", rolcreaterole AS "CREATEROLE", rolreplication AS "REPLICATION",
       rolbypassrls AS "BYPASSRLS" FROM pg_roles WHERE rolname = $1`,
    [role],
  );
  for (const [right, has] of Object.entries(rows[0] ?? {})) if (has) await admin.query(`ALTER ROLE ${role} NO${right}`);
}

function roleSettings(service: Service): string[] {
  const ofSessions = [ownerRole(service), appRole(service)].flatMap((role) =>
    Object.entries(SESSION_SETTINGS).map(
      ([setting, value]) => `ALTER ROLE ${role} SET ${setting} = ${setting === 'search_path' ? value : `'${value}'`}`,
    ),
  );
  const limits = Object.entries(LIMITS_OF_APP_ROLE).map(
    ([setting, value]) => `ALTER ROLE ${appRole(service)} SET ${setting} = '${value}'`,
  );
  return [...ofSessions, ...limits];
}

/** The app role may read and write rows of the owner's tables, and nothing else: no TRUNCATE, which ignores row-level security. */
function schemaGrants(service: Service): string {
  const owner = ownerRole(service);
  const app = appRole(service);
  return `
    ALTER SCHEMA public OWNER TO ${owner};
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO ${app};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${app};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT USAGE ON SEQUENCES TO ${app};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO ${app}`;
}

/**
 * What {@link createDatabases} does, as a script for psql that a DBA reads and runs. It has no password: they are psql's variables, such as
 * `--set=tenant_owner_password=…`. May be run again.
 */
export function databasesScript(): string {
  const passwords = SERVICES.flatMap((service) => [ownerRole(service), appRole(service)]).map(
    (role) => `${role}_password`,
  );
  const parts = SERVICES.flatMap((service) => {
    const [owner, app, name] = [ownerRole(service), appRole(service), databaseName(service)];
    const roles = [owner, app].flatMap((role) => [
      `SELECT 'CREATE ROLE ${role}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') \\gexec`,
      `ALTER ROLE ${role} LOGIN PASSWORD :'${role}_password';`,
    ]);
    return [
      `-- The ${service} service`,
      ...roles,
      ...roleSettings(service).map((statement) => `${statement};`),
      `ALTER ROLE ${app} SET ${CONNECTION_CHECK};`,
      `${becomeMember(owner)};`,
      `SELECT 'CREATE DATABASE ${name} OWNER ${owner}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}') \\gexec`,
      `${databaseGrants(service, name)};`,
      `\\connect ${name}`,
      `${schemaGrants(service)};`,
      `${endMembership(owner)};`,
      '',
    ];
  });
  return [
    '-- The databases and roles of the platform, on PostgreSQL 18 or later, by a role with CREATEDB and CREATEROLE:',
    `--   psql --set=ON_ERROR_STOP=1 ${passwords.map((name) => `--set=${name}=…`).join(' ')} --file=…`,
    ...parts,
  ].join('\n');
}
