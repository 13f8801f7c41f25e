import type { PoolClient } from 'pg';
import { inTenantAsOwner } from './asOwner';

/** What background tasks note of their own progress, whenever they run: no change of a store. */
const PROGRESS: Record<string, string[]> = {
  outbox_events: ['status', 'attempts', 'last_error', 'due_at', 'published_at', 'taken_by'],
  outbox_leases: ['fence', 'lease_until'],
  store_languages: ['reindex_until'],
};

/**
 * A checksum of each table's rows of one tenant, read as the owner inside that tenant: equal means byte-identical, but for what
 * background tasks note of their own progress. Where events are published, `untilDelivered` comes before the first.
 */
export const checksumOfTenant = (ownerUrl: string, tenantId: string): Promise<Record<string, string>> =>
  inTenantAsOwner(ownerUrl, tenantId, async (client) => {
    const text = statements.get(ownerUrl) ?? (await statementFor(client));
    statements.set(ownerUrl, text);
    // By its name the statement is planned once a connection: that costs more than to execute it.
    const { rows } = await client.query<{ name: string; sum: string }>({ name: 'checksum', text, values: [tenantId] });
    return Object.fromEntries(rows.map(({ name, sum }) => [name, sum]));
  });

/** By a database's address. */
const statements = new Map<string, string>();

/** One statement for all tables: a table's checksum costs less than a round trip. */
async function statementFor(client: PoolClient): Promise<string> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id'
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT attisdropped ORDER BY 1`,
  );
  const rowOf = (name: string) => {
    const progress = PROGRESS[name]?.map((column) => client.escapeLiteral(column)).join(', ');
    return progress ? `(to_jsonb(t) - ARRAY[${progress}])::text` : 't::text';
  };
  return tables
    .map(
      ({ name }) =>
        `SELECT ${client.escapeLiteral(name)} AS name,
           count(*) || ' ' || coalesce(md5(string_agg(${rowOf(name)}, '|' ORDER BY ${rowOf(name)})), '') AS sum
         FROM ${client.escapeIdentifier(name)} t WHERE tenant_id = $1`,
    )
    .join(' UNION ALL ');
}
