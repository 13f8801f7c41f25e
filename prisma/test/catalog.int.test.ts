import type { Client } from 'pg';
import { appRole, onDatabase, SERVICES, type Service, withClient } from '../databases';
import { createTestDatabase, type TestDatabase, templateName } from '../testDatabase';
import { EXCEPTIONS, listCatalogFaults } from './catalogFaults';

describe.each(SERVICES)('the database of the %s service', (service) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(service);
  });
  afterAll(() => database?.drop());

  const asOwner = <Result>(work: (client: Client) => Promise<Result>) => withClient(database.ownerUrl, work);
  const asApp = <Result>(work: (client: Client) => Promise<Result>) => withClient(database.appUrl, work);

  it('shows no row of another tenant, by its catalog', async () => {
    expect(await asOwner(listCatalogFaults)).toEqual([]);
  });

  it('has an app role that is nobody, owns nothing and belongs to nothing', async () => {
    const [role] = await asApp(async (client) => {
      const { rows } = await client.query(`
        SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication,
          (SELECT count(*)::int FROM pg_shdepend WHERE refobjid = pg_roles.oid AND deptype = 'o') AS owned,
          (SELECT count(*)::int FROM pg_auth_members WHERE member = pg_roles.oid) AS memberships
        FROM pg_roles WHERE rolname = current_user`);
      return rows;
    });
    expect(role).toEqual({
      rolname: appRole(service),
      rolsuper: false,
      rolbypassrls: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolreplication: false,
      owned: 0,
      memberships: 0,
    });
  });

  it.each(SERVICES.filter((other) => other !== service))(
    'refuses its app role at the database of %s',
    async (other: Service) => {
      await expect(withClient(onDatabase(database.appUrl, templateName(other)), ping)).rejects.toMatchObject({
        code: '42501',
      });
    },
  );

  it.each([
    ['read what was migrated', 'SELECT * FROM _prisma_migrations'],
    ['delete what was migrated', 'DELETE FROM _prisma_migrations'],
    ['create a table', 'CREATE TABLE own (id int)'],
    ['create a temporary table', 'CREATE TEMPORARY TABLE own (id int)'],
    ['create a schema', 'CREATE SCHEMA own'],
    ['become the owner', `SET ROLE ${service}_owner`],
  ])('does not let its app role %s', async (_what, statement) => {
    await expect(asApp((client) => client.query(statement))).rejects.toMatchObject({ code: '42501' });
  });

  it('lets its app role empty no table, truncation being blind to tenants', async () => {
    const { rows } = await asApp((client) =>
      client.query(`
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND has_table_privilege(oid, 'TRUNCATE, REFERENCES, TRIGGER')`),
    );
    expect(rows).toEqual([]);
  });

  it('keeps the tenant of set_tenant only for a transaction', async () => {
    const seen = await asApp(async (client) => {
      const tenant = async () => (await client.query(`SELECT current_setting('app.tenant_id', true) AS it`)).rows[0].it;
      await client.query('BEGIN');
      await client.query('SELECT set_tenant($1)', [`org_'; DROP TABLE x; --`]);
      const within = await tenant();
      await client.query('COMMIT');
      return { within, after: await tenant() };
    });
    expect(seen).toEqual({ within: `org_'; DROP TABLE x; --`, after: '' });
  });
});

describe('the walk through the catalog', () => {
  it.each<[string, string, string[]]>([
    [
      'a table without anything',
      'CREATE TABLE bad (tenant_id text NOT NULL, id text PRIMARY KEY)',
      [
        'bad has no policy for everything that compares tenant_id, both USING and WITH CHECK',
        'bad has no row-level security that is enabled and forced',
        'bad has no tenant_id in its primary key',
        'bad_pkey is an index that does not begin with tenant_id',
      ],
    ],
    [
      'a table without a tenant',
      `CREATE TABLE bad (id text PRIMARY KEY);
       ALTER TABLE bad ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
      [
        'bad has no policy for everything that compares tenant_id, both USING and WITH CHECK',
        'bad has no tenant_id in its primary key',
        'bad_pkey is an index that does not begin with tenant_id',
      ],
    ],
    [
      'row-level security that does not hold for the owner',
      'ALTER TABLE orders NO FORCE ROW LEVEL SECURITY',
      ['orders has no row-level security that is enabled and forced'],
    ],
    [
      'a policy that lets everybody write',
      'ALTER POLICY tenant_isolation ON orders WITH CHECK (true)',
      [
        'orders has no policy for everything that compares tenant_id, both USING and WITH CHECK',
        'orders.tenant_isolation is a policy that adds to what tenant_id lets through',
      ],
    ],
    [
      'a second policy that opens a table',
      'CREATE POLICY open_door ON orders USING (true)',
      ['orders.open_door is a policy that adds to what tenant_id lets through'],
    ],
    [
      'a unique constraint across tenants',
      'ALTER TABLE orders ADD CONSTRAINT orders_email_key UNIQUE (email)',
      ['orders_email_key is an index that does not begin with tenant_id'],
    ],
    [
      'a foreign key without the tenant',
      `ALTER TABLE order_counters ADD UNIQUE (tenant_id, last_number), ADD order_id text, ADD order_tenant text,
         ADD CONSTRAINT stray_fkey FOREIGN KEY (order_tenant, order_id) REFERENCES orders (tenant_id, id)`,
      ['stray_fkey is a foreign key that does not lead from tenant_id to tenant_id'],
    ],
    [
      "a view with its owner's rights",
      'CREATE VIEW every_order AS SELECT * FROM orders',
      ['every_order is a view that reads with the rights of its owner (no security_invoker)'],
    ],
    [
      'a materialized view',
      'CREATE MATERIALIZED VIEW every_order AS SELECT * FROM orders',
      ['every_order is a materialized view or a foreign table, which has no row-level security'],
    ],
    [
      "a function with its owner's rights",
      'CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER RETURN (SELECT count(*) FROM orders)',
      ['peek is a function with the rights of its owner (SECURITY DEFINER)'],
    ],
    [
      'a right to empty a table',
      'GRANT TRUNCATE ON orders TO order_app',
      ['orders lets others than its owner do TRUNCATE'],
    ],
  ])('reports %s', async (_what, statement, faults) => {
    const database = await createTestDatabase('order');
    try {
      const found = await withClient(database.ownerUrl, async (client) => {
        await client.query(statement);
        return listCatalogFaults(client);
      });
      expect(found).toEqual(faults);
    } finally {
      await database.drop();
    }
  });

  it('makes no exception that nothing needs', async () => {
    const faultsOf = async (service: Service) => {
      const database = await createTestDatabase(service);
      try {
        return await withClient(database.ownerUrl, (client) => listCatalogFaults(client, []));
      } finally {
        await database.drop();
      }
    };
    const faults = (await Promise.all(SERVICES.map(faultsOf))).flat();
    const excepted = new Set(faults.map((fault) => fault.slice(0, fault.indexOf(' '))));
    expect([...excepted].sort()).toEqual(EXCEPTIONS.map(({ object }) => object).sort());
  });
});

const ping = (client: Client) => client.query('SELECT 1');
