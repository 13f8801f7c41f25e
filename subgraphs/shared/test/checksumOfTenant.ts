import { Client } from 'pg';

/** A checksum of each table's rows of one tenant, read as the owner inside that tenant: equal means byte-identical. */
export async function checksumOfTenant(ownerUrl: string, tenantId: string): Promise<Record<string, string>> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT set_tenant($1)', [tenantId]);
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
       WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND column_name = 'tenant_id' ORDER BY 1`,
    );
    const sums: Record<string, string> = {};
    for (const { name } of tables) {
      const table = client.escapeIdentifier(name);
      const { rows } = await client.query(
        `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS sum FROM ${table} t WHERE tenant_id = $1`,
        [tenantId],
      );
      sums[name] = rows[0].sum;
    }
    return sums;
  } finally {
    await client.end();
  }
}
