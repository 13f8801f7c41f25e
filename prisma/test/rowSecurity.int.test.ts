import type { Client } from 'pg';
import { type Service, withClient } from '../databases';
import { createTestDatabase, type TestDatabase } from '../testDatabase';

const databases: Partial<Record<Service, TestDatabase>> = {};

beforeAll(async () => {
  for (const service of ['tenant', 'order'] as const) databases[service] = await createTestDatabase(service);
  for (const tenant of ['org_a', 'org_b']) {
    await as('tenant', `set_tenant('${tenant}')`, (client) =>
      client.query(`INSERT INTO tenants (tenant_id, slug, name, updated_at) VALUES ($1, $2, 'Store', now())`, [
        tenant,
        tenant.replace('org_', 'store-'),
      ]),
    );
    await as('order', `set_tenant('${tenant}')`, async (client) => {
      for (const [number, id] of ['open', 'done'].entries()) {
        await client.query(
          `INSERT INTO orders (tenant_id, id, number, email, shipping_address, payment_method, updated_at)
           VALUES ($1, $2, $3, 'a@example.com', '{}', 'TEST', now())`,
          [tenant, id, number + 1],
        );
        await client.query(
          `INSERT INTO order_sagas (tenant_id, order_id, step, lines, finished_at)
           VALUES ($1, $2, 'RESERVE_STOCK', '[]', $3)`,
          [tenant, id, id === 'done' ? new Date() : null],
        );
      }
    });
  }
});

afterAll(async () => {
  for (const database of Object.values(databases)) await database.drop();
});

/** One transaction as the app role, after `SELECT <bind>`. */
function as<Result>(service: Service, bind: string | null, work: (client: Client) => Promise<Result>): Promise<Result> {
  return withClient(databases[service]?.appUrl ?? '', async (client) => {
    await client.query('BEGIN');
    if (bind) await client.query(`SELECT ${bind}`);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  });
}

const read = (service: Service, bind: string | null, sql: string) =>
  as(service, bind, async (client) => (await client.query({ text: sql, rowMode: 'array' })).rows);

const change = (service: Service, bind: string, sql: string) =>
  as(service, bind, async (client) => (await client.query(sql)).rowCount);

describe('row-level security', () => {
  it.each([
    ['without a tenant', null],
    ['with an empty tenant', `set_tenant('')`],
    ['with an unknown tenant', `set_tenant('org_nobody')`],
  ])('shows nothing %s', async (_what, bind) => {
    expect(await read('order', bind, 'SELECT id FROM orders')).toEqual([]);
    expect(await read('tenant', bind, 'SELECT slug FROM tenants')).toEqual([]);
  });

  it('refuses a row for another tenant', async () => {
    await expect(
      change('order', `set_tenant('org_a')`, `INSERT INTO order_counters VALUES ('org_b', 1)`),
    ).rejects.toMatchObject({ code: '42501' });
  });

  it("does not reach another tenant's rows to change or delete them", async () => {
    const tenant = `set_tenant('org_a')`;
    expect(await change('order', tenant, `UPDATE orders SET version = 9 WHERE tenant_id = 'org_b'`)).toBe(0);
    expect(await change('order', tenant, `DELETE FROM orders WHERE tenant_id = 'org_b'`)).toBe(0);
  });

  it("shows a tenant's own rows", async () => {
    expect(await read('order', `set_tenant('org_a')`, 'SELECT DISTINCT tenant_id FROM orders')).toEqual([['org_a']]);
  });
});

describe('looking for the store of an address', () => {
  it('shows the one row with that address, and changes nothing', async () => {
    const bind = `set_store_slug('store-b')`;
    expect(await read('tenant', bind, 'SELECT tenant_id FROM tenants')).toEqual([['org_b']]);
    expect(await change('tenant', bind, `UPDATE tenants SET name = 'Mine'`)).toBe(0);
    expect(await read('tenant', bind, 'SELECT * FROM tenant_settings')).toEqual([]);
  });

  it('shows nothing for no address', async () => {
    expect(await read('tenant', `set_store_slug('')`, 'SELECT tenant_id FROM tenants')).toEqual([]);
  });
});

describe('saga recovery', () => {
  it("shows every store's open sagas, and changes nothing", async () => {
    const bind = `set_task('saga_recovery')`;
    expect(await read('order', bind, 'SELECT tenant_id, order_id FROM order_sagas ORDER BY 1')).toEqual([
      ['org_a', 'open'],
      ['org_b', 'open'],
    ]);
    expect(await read('order', bind, 'SELECT id FROM orders')).toEqual([]);
    expect(await change('order', bind, 'UPDATE order_sagas SET fence = 9')).toBe(0);
  });

  it('shows nothing to another task', async () => {
    expect(await read('order', `set_task('curiosity')`, 'SELECT order_id FROM order_sagas')).toEqual([]);
  });
});
