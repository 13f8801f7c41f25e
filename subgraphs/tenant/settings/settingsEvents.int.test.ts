import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withClient } from '../../../prisma/databases';
import { serviceFolder } from '../../../prisma/migrations';
import { FIRST_PLAN } from '../../shared/plans';
import { NEW_STORE_SETTINGS } from '../../shared/storeSettings';
import { admin } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { deliver, deliveryOf, organizationCreated } from '../test/delivery';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';

const MIGRATION = '20261130183000_publish_settings_and_plans';

let tenant: TenantSubgraphUnderTest;
beforeAll(async () => {
  tenant = await startTestSubgraph();
});
afterAll(() => tenant?.close());

async function makeStore(): Promise<string> {
  const created = organizationCreated();
  await deliver(tenant.url, deliveryOf(created, { secret: tenant.secret }));
  return created.data.id;
}
const choose = async (id: string, locale: string) => {
  const mutation = `mutation { tenantSettingsUpdate(input: { locale: "${locale}" }) { userErrors { code } } }`;
  expect((await tenant.ask(admin(id), mutation)).data.tenantSettingsUpdate.userErrors).toEqual([]);
};
/** The state before this event existed. */
const deleteEvents = (id: string) =>
  asOwner(tenant.ownerUrl, id, `DELETE FROM outbox_events WHERE type = 'tenant.settings_changed'`);
/** Without the column that a later migration dropped. */
const migrate = () =>
  withClient(tenant.ownerUrl, (owner) => {
    const sql = readFileSync(join(serviceFolder('tenant'), 'migrations', MIGRATION, 'migration.sql'), 'utf8');
    const dropped = /'taxIncludedInPrices', s\."tax_included_in_prices",|OR s\."tax_included_in_prices"/g;
    return owner.query(sql.replaceAll(dropped, ''));
  });
const eventsOf = (id: string) =>
  asOwner(
    tenant.ownerUrl,
    id,
    `SELECT to_jsonb(e) - '{tenant_id,aggregate_id,id,position,trace_parent,occurred_at,due_at}'::text[] AS event,
       id ~ '^evt_' AS is_id, tenant_id = aggregate_id AS is_own
     FROM outbox_events e WHERE type = 'tenant.settings_changed' ORDER BY position`,
  );

it('the migration records the settings of a store without an event once, like a change of them', async () => {
  const [withoutEvent, withEvent, unchanged] = [await makeStore(), await makeStore(), await makeStore()];
  for (const id of [withoutEvent, withEvent]) await choose(id, 'de-DE');
  await deleteEvents(withoutEvent);
  const [event] = await eventsOf(withEvent);
  for (let times = 0; times < 2; times += 1) {
    await migrate();
    expect(await eventsOf(withoutEvent)).toEqual([event]);
    expect(await eventsOf(withEvent)).toEqual([event]);
    expect(await eventsOf(unchanged)).toEqual([]);
  }
});

it('a later change has a later version than the recorded event', async () => {
  const id = await makeStore();
  await choose(id, 'de-DE');
  await choose(id, 'fr-FR');
  await deleteEvents(id);
  await migrate();
  await choose(id, 'it-IT');
  await migrate();
  expect(await eventsOf(id)).toMatchObject([
    { event: { aggregate_version: 3, previous_version: null, data: { locale: 'fr-FR' } } },
    { event: { aggregate_version: 4, previous_version: 3, data: { locale: 'it-IT' } } },
  ]);
});

it('row-level security applies to the owner of the tables afterwards, too', async () => {
  const id = await makeStore();
  await choose(id, 'de-DE');
  await migrate();
  const read = (table: string) => withClient(tenant.ownerUrl, (owner) => owner.query(`SELECT 1 FROM ${table}`));
  for (const table of ['tenants', 'tenant_billing', 'tenant_settings', 'outbox_events'])
    expect([table, (await read(table)).rows]).toEqual([table, []]);
});

it('an event of an older release, without all settings, is recorded once more, at the same version', async () => {
  const id = await makeStore();
  await choose(id, 'de-DE');
  const asOlder = `UPDATE outbox_events SET data = data - 'orderPrefix' WHERE type = 'tenant.settings_changed'`;
  await asOwner(tenant.ownerUrl, id, asOlder);
  await migrate();
  const events = await eventsOf(id);
  expect(events).toMatchObject([
    { event: { aggregate_version: 2 } },
    { event: { aggregate_version: 2, data: { locale: 'de-DE', orderPrefix: '#' } } },
  ]);
  await migrate();
  expect(await eventsOf(id)).toEqual(events);
});

it('the plan of each store is recorded once, dated long ago, so that any real event is later; no webhook is posted', async () => {
  const [chosen, first] = [await makeStore(), await makeStore()];
  const choosePlan = 'mutation { tenantPlanChange(input: { plan: PRO }) { userErrors { code } } }';
  expect((await tenant.ask(admin(chosen), choosePlan)).data.tenantPlanChange.userErrors).toEqual([]);
  const plansOf = (id: string) =>
    asOwner(
      tenant.ownerUrl,
      id,
      `SELECT data->>'plan' AS plan, aggregate_type || ' ' || aggregate_version AS aggregate, previous_version AS previous,
         occurred_at < now() - interval '1 year' AS "isOld"
       FROM outbox_events WHERE type = 'tenant.plan_changed' ORDER BY position`,
    );
  for (let times = 0; times < 2; times += 1) {
    await migrate();
    expect(await plansOf(first)).toEqual([{ plan: 'FREE', aggregate: 'tenant 1', previous: null, isOld: true }]);
    expect(await plansOf(chosen)).toMatchObject([
      { plan: 'PRO', isOld: false },
      { plan: 'PRO', isOld: true },
    ]);
  }
});

it('a new store has the settings and the plan that the other subgraphs assume before its first event', async () => {
  const id = await makeStore();
  const [created] = await asOwner<{ settings: object; plan: string }>(
    tenant.ownerUrl,
    id,
    `SELECT plan, jsonb_build_object('locale', locale, 'timeZone', time_zone,
       'showExactStock', show_exact_stock, 'orderPrefix', order_prefix) AS settings
     FROM tenant_settings JOIN tenant_billing USING (tenant_id)`,
  );
  expect(created).toEqual({ settings: NEW_STORE_SETTINGS, plan: FIRST_PLAN });
});
