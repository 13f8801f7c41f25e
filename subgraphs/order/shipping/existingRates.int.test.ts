import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withClient } from '../../../prisma/databases';
import { serviceFolder } from '../../../prisma/migrations';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';

const MIGRATION = '20261201002100_shipping_zones';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase('order', 'empty');
}, 60_000);
afterAll(() => database?.drop());

it('rates that had their own countries are in a zone of these countries, once a store and list', async () => {
  const migrations = join(serviceFolder('order'), 'migrations');
  const scriptOf = (name: string) => readFileSync(join(migrations, name, 'migration.sql'), 'utf8');
  const earlier = readdirSync(migrations)
    .filter((name) => /^\d/.test(name) && name < MIGRATION)
    .sort();
  await withClient(database.ownerUrl, async (client) => {
    for (const name of earlier) await client.query(scriptOf(name));
    const rates = [
      ['a', 1, '{}'],
      ['a', 2, '{AT,DE}'],
      ['a', 3, '{AT,DE}'],
      ['b', 1, '{AT,DE}'],
    ];
    const insert = `INSERT INTO shipping_rates (tenant_id, id, name, country_codes, currency_code, price_amount, updated_at)
      VALUES ($1, $2, 'Post', $3, 'EUR', 500, now())`;
    await client.query('ALTER TABLE shipping_rates NO FORCE ROW LEVEL SECURITY');
    for (const [tenant, id, countries] of rates) await client.query(insert, [tenant, String(id), countries]);
    await client.query('ALTER TABLE shipping_rates FORCE ROW LEVEL SECURITY');
    await client.query(`BEGIN; ${scriptOf(MIGRATION)}; COMMIT`);
    await client.query('ALTER TABLE shipping_rates NO FORCE ROW LEVEL SECURITY');
    await client.query('ALTER TABLE shipping_zones NO FORCE ROW LEVEL SECURITY');
    const { rows } = await client.query(
      `SELECT zone.tenant_id AS tenant, zone.name, locations, array_agg(rate.id ORDER BY rate.id) AS rates, zone.id ~ '^szon_[0-7][0-9a-z]{25}$' AS has_id
       FROM shipping_zones AS zone JOIN shipping_rates AS rate ON rate.tenant_id = zone.tenant_id AND zone_id = zone.id
       GROUP BY zone.tenant_id, zone.id ORDER BY 1, 2`,
    );
    const place = (countryCode: string) => ({ countryCode, provinceCodes: [], postalCodes: [] });
    const both = { name: 'AT, DE', locations: [place('AT'), place('DE')], has_id: true };
    expect(rows).toEqual([
      { tenant: 'a', ...both, rates: ['2', '3'] },
      { tenant: 'a', name: 'Rest of the world', locations: [], rates: ['1'], has_id: true },
      { tenant: 'b', ...both, rates: ['1'] },
    ]);
  });
}, 60_000);
