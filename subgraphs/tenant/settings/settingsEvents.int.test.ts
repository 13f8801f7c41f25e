import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withClient } from '../../../prisma/databases';
import { serviceFolder } from '../../../prisma/migrations';
import { admin } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { deliver, deliveryOf, organizationCreated } from '../test/delivery';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';

const MIGRATION = '20261128153635_tell_settings';

let tenant: TenantSubgraphUnderTest;
beforeAll(async () => {
  tenant = await startTestSubgraph();
});
afterAll(() => tenant.close());

async function makeStore(): Promise<string> {
  const created = organizationCreated();
  await deliver(tenant.url, deliveryOf(created, { secret: tenant.secret }));
  return created.data.id;
}
const choose = async (id: string, locale: string) => {
  const mutation = `mutation { tenantSettingsUpdate(input: { locale: "${locale}" }) { userErrors { code } } }`;
  expect((await tenant.ask(admin(id), mutation)).data.tenantSettingsUpdate.userErrors).toEqual([]);
};
/** As it was before there was such an event. */
const forget = (id: string) =>
  asOwner(tenant.ownerUrl, id, `DELETE FROM outbox_events WHERE type = 'tenant.settings_changed'`);
const migrate = () =>
  withClient(tenant.ownerUrl, (owner) =>
    owner.query(readFileSync(join(serviceFolder('tenant'), 'migrations', MIGRATION, 'migration.sql'), 'utf8')),
  );
const toldOf = (id: string) =>
  asOwner(
    tenant.ownerUrl,
    id,
    `SELECT to_jsonb(e) - '{tenant_id,aggregate_id,id,position,trace_parent,occurred_at,due_at}'::text[] AS event,
       id ~ '^evt_' AS is_id, tenant_id = aggregate_id AS is_own
     FROM outbox_events e WHERE type = 'tenant.settings_changed' ORDER BY position`,
  );

it('what a store chose before its settings were told is told once, as any change of them', async () => {
  const [untold, told, asBegun] = [await makeStore(), await makeStore(), await makeStore()];
  for (const id of [untold, told]) await choose(id, 'de-DE');
  await forget(untold);
  const [event] = await toldOf(told);
  for (let times = 0; times < 2; times += 1) {
    await migrate();
    expect(await toldOf(untold)).toEqual([event]);
    expect(await toldOf(told)).toEqual([event]);
    expect(await toldOf(asBegun)).toEqual([]);
  }
});

it('a later choice follows what was told, and stays the later one', async () => {
  const id = await makeStore();
  await choose(id, 'de-DE');
  await choose(id, 'fr-FR');
  await forget(id);
  await migrate();
  await choose(id, 'it-IT');
  await migrate();
  expect(await toldOf(id)).toMatchObject([
    { event: { aggregate_version: 3, previous_version: null, data: { locale: 'fr-FR' } } },
    { event: { aggregate_version: 4, previous_version: 3, data: { locale: 'it-IT' } } },
  ]);
});

it('the tables’ owner is held by their policies afterwards as well', async () => {
  const id = await makeStore();
  await choose(id, 'de-DE');
  await migrate();
  const read = (table: string) => withClient(tenant.ownerUrl, (owner) => owner.query(`SELECT 1 FROM ${table}`));
  for (const table of ['tenant_settings', 'outbox_events'])
    expect([table, (await read(table)).rows]).toEqual([table, []]);
});
