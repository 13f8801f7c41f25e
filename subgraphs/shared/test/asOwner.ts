import { Client } from 'pg';

/** One statement as the tables' owner, in the scope of a tenant: for a test to look something up, or to change it without the subgraph. */
export async function asOwner<Row extends object>(
  ownerUrl: string,
  tenantId: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT set_tenant($1)', [tenantId]);
    const { rows } = await client.query<Row>(sql, values);
    await client.query('COMMIT');
    return rows;
  } finally {
    await client.end();
  }
}
