import { Pool, type PoolClient } from 'pg';

/** One statement as the tables' owner inside one tenant: what a test looks up, or sets back, behind a subgraph's back. */
export const asOwner = async <Row extends object>(
  ownerUrl: string,
  tenantId: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> => inTenantAsOwner(ownerUrl, tenantId, async (client) => (await client.query<Row>(sql, values)).rows);

/** One transaction as the tables' owner inside one tenant. */
export async function inTenantAsOwner<Result>(
  ownerUrl: string,
  tenantId: string,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await poolOf(ownerUrl).connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT set_tenant($1)', [tenantId]);
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

const pools = new Map<string, Pool>();

/** A test file asks hundreds of times, and a connection costs more than its statement. What is idle keeps no process alive. */
function poolOf(url: string): Pool {
  const pool =
    pools.get(url) ?? new Pool({ connectionString: url, max: 10, idleTimeoutMillis: 2_000, allowExitOnIdle: true });
  // A test's database is deleted with the connections to it.
  if (!pools.has(url)) pool.on('error', () => pools.delete(url));
  pools.set(url, pool);
  return pool;
}
