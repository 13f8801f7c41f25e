import { Client, type ClientConfig, type QueryResult } from 'pg';

/**
 * What a session inherits from the server, the database and the role, and what our statements rely on: Prisma reads and writes times as
 * if the session's zone were UTC, and takes the numbers of a date in the order of ISO 8601.
 */
export const SESSION_SETTINGS = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  search_path: 'public',
  default_transaction_isolation: 'read committed',
  standard_conforming_strings: 'on',
} as const;

/**
 * Sent with each connection, because that wins over every default. PgBouncer takes these two from a client, and rejects a connection that
 * sends the others, which are settings of the roles (prisma/databases.ts).
 */
const STARTUP_SETTINGS = { TimeZone: SESSION_SETTINGS.TimeZone, DateStyle: SESSION_SETTINGS.DateStyle };

/**
 * A connection to PostgreSQL whose session is the same wherever it is opened: `pg` takes what the URL leaves out from variables such as
 * PGOPTIONS and PGSSLMODE, which the shell has for other programs.
 */
export class SessionClient extends Client {
  constructor(config?: ClientConfig) {
    removePgVariables();
    super(config);
  }

  /** Overrides `pg`, which has no option for parameters of its startup message. */
  protected getStartupConf(): Record<string, string> {
    const inherited: () => Record<string, string> = Reflect.get(Client.prototype, 'getStartupConf');
    return { ...inherited.call(this), ...STARTUP_SETTINGS };
  }
}

function removePgVariables(): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('PG')) delete process.env[name];
}

/**
 * @param query asks one statement of a session.
 * @throws Error in a sentence when the session has another setting than SESSION_SETTINGS: a pooler, or the role in this database, may set it.
 */
export async function refuseOtherSession(query: (sql: string) => Promise<QueryResult>): Promise<void> {
  const names = Object.keys(SESSION_SETTINGS) as (keyof typeof SESSION_SETTINGS)[];
  const settings = names.map((name) => `current_setting('${name}') AS "${name}"`);
  const { rows } = await query(`SELECT current_schemas(false)::text AS schemas, ${settings.join(', ')}`);
  const found = { ...rows[0], ...(rows[0].schemas === '{public}' && { search_path: SESSION_SETTINGS.search_path }) };
  const faults = names
    .filter((name) => found[name] !== SESSION_SETTINGS[name])
    .map((name) => `${name} is "${found[name]}" instead of "${SESSION_SETTINGS[name]}"`);
  if (faults.length === 0) return;
  throw new Error(
    `The database session's ${faults.join(', ')}: run npm run databases:create, and remove the setting from the pooler and from ALTER ROLE … IN DATABASE`,
  );
}
