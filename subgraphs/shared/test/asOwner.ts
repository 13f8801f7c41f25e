import { Client } from 'pg';

/** One statement as the tables' owner inside one tenant: what a test looks up, or sets back, behind a subgraph's back. */
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
