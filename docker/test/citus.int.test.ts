import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { onDatabase, SERVICES, type Service, withClient } from '../../prisma/databases';
import { createTestDatabase, testServer } from '../../prisma/testDatabase';

const DISTRIBUTE = readFileSync(join(__dirname, '..', 'citus', 'distribute.sql'), 'utf8');

/**
 * Citus's functions as far as the script calls them. They move nothing: they refuse what Citus refuses, and write down what was
 * asked for. https://docs.citusdata.com/en/stable/develop/reference_ddl.html
 */
const CITUS_STAND_IN = `
  CREATE TEMPORARY TABLE pg_dist_partition (logicalrelid oid PRIMARY KEY, partmethod text NOT NULL, position serial);

  CREATE FUNCTION create_distributed_table(of_table regclass, by_column text) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    key int2 := (SELECT attnum FROM pg_attribute WHERE attrelid = of_table AND attname = by_column);
  BEGIN
    IF EXISTS (SELECT 1 FROM pg_index WHERE indrelid = of_table AND indisunique AND NOT key = ANY (indkey)) THEN
      RAISE EXCEPTION 'cannot create constraint on "%": a unique index does not include the distribution column', of_table;
    END IF;
    IF EXISTS (
      SELECT 1 FROM pg_constraint
      LEFT JOIN pg_dist_partition AS target ON target.logicalrelid = confrelid
      WHERE conrelid = of_table AND contype = 'f' AND confrelid <> conrelid AND target.partmethod IS DISTINCT FROM 'n' AND NOT EXISTS (
        SELECT 1 FROM unnest(conkey, confkey) AS pair (here, there)
        JOIN pg_attribute ON attrelid = confrelid AND attnum = there AND attname = by_column
        WHERE here = key AND target.partmethod = 'h')
    ) THEN
      RAISE EXCEPTION 'cannot create foreign key constraint of "%": it does not include the distribution column', of_table;
    END IF;
    IF coalesce(current_setting('citus.enable_unsafe_triggers', true), '') <> 'on'
      AND EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = of_table AND NOT tgisinternal) THEN
      RAISE EXCEPTION 'cannot distribute relation "%" because it has triggers', of_table;
    END IF;
    INSERT INTO pg_dist_partition VALUES (of_table, 'h');
  END $$;

  CREATE FUNCTION create_reference_table(of_table regclass) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF EXISTS (
      SELECT 1 FROM pg_constraint JOIN pg_dist_partition ON logicalrelid = confrelid
      WHERE conrelid = of_table AND contype = 'f' AND partmethod = 'h'
    ) THEN
      RAISE EXCEPTION 'cannot create foreign key constraint from the reference table "%" to a distributed one', of_table;
    END IF;
    INSERT INTO pg_dist_partition VALUES (of_table, 'n');
  END $$;`;

interface Placement {
  table: string;
  everywhere: boolean;
}

async function distribute(service: Service, before = ''): Promise<{ placed: Placement[]; tables: string[] }> {
  const database = await createTestDatabase(service);
  try {
    // Without Citus its settings are unknown, which only a superuser may set.
    return await withClient(onDatabase(testServer().adminUrl, database.name), async (client) => {
      await client.query(before);
      await client.query(CITUS_STAND_IN);
      await client.query(DISTRIBUTE);
      return { placed: await placements(client), tables: await tenantTables(client) };
    });
  } finally {
    await database.drop();
  }
}

const placements = async (client: Client): Promise<Placement[]> =>
  (
    await client.query(`SELECT logicalrelid::regclass::text AS table, partmethod = 'n' AS everywhere
                        FROM pg_dist_partition ORDER BY position`)
  ).rows;

const tenantTables = async (client: Client): Promise<string[]> =>
  (
    await client.query(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                        AND relname <> '_prisma_migrations' ORDER BY relname`)
  ).rows.map(({ relname }) => relname);

describe('the distribution of a database over Citus', () => {
  it.each(SERVICES)('places every table of %s by its tenant, within the rules of Citus', async (service) => {
    const { placed, tables } = await distribute(service);
    expect(placed.map(({ table }) => table).sort()).toEqual(tables);
  });

  it('keeps globally unique values on every node, and nothing else', async () => {
    const all = await Promise.all(SERVICES.map((service) => distribute(service)));
    const everywhere = all.flatMap(({ placed }) => placed.filter((table) => table.everywhere));
    expect(everywhere.map(({ table }) => table).sort()).toEqual(['tenant_domains', 'tenant_slugs', 'tenants']);
  });

  it('fails on a foreign key without the tenant', async () => {
    const stray = `
      CREATE TABLE stray (tenant_id text, id text, PRIMARY KEY (tenant_id, id));
      ALTER TABLE orders ADD UNIQUE (id, tenant_id);
      ALTER TABLE stray ADD FOREIGN KEY (id, tenant_id) REFERENCES orders (tenant_id, id)`;
    await expect(distribute('order', stray)).rejects.toThrow(/does not include the distribution column/);
  });

  it('knows every trigger: each writes rows of the store that it fires for, and no others', async () => {
    const triggersOf = async (service: Service) => {
      const database = await createTestDatabase(service);
      try {
        return await withClient(database.ownerUrl, async (client) => {
          const { rows } = await client.query(`SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname`);
          return rows.map(({ tgname }) => tgname as string);
        });
      } finally {
        await database.drop();
      }
    };
    // How often a product was sold, and the words by which it is found, in the tenant's own rows.
    expect((await Promise.all(SERVICES.map(triggersOf))).flat()).toEqual(['product_sales', 'product_search']);
  });
});
