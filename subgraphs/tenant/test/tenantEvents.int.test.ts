import { admin } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { traceOfRequest } from '../../shared/trace';
import { manualBilling } from '../billing/billingProvider';
import { canceled, pastDue } from '../billing/billingState';
import { changeBilling } from '../billing/changeBilling';
import { openTenantDatabase } from '../database';
import { changeStoreStatus } from '../lifecycle/storeStatus';
import { deliver, deliveryOf, newDeliveryId, organizationCreated } from './delivery';
import { startTestSubgraph, type TenantSubgraphUnderTest } from './startTestSubgraph';

let tenant: TenantSubgraphUnderTest;
beforeAll(async () => {
  tenant = await startTestSubgraph();
});
afterAll(() => tenant?.close());

const sendToTenant = (event: unknown, id = newDeliveryId()) =>
  deliver(tenant.url, deliveryOf(event, { secret: tenant.secret, id }));

async function makeStore(): Promise<{ id: string; slug: string }> {
  const { data } = organizationCreated();
  await sendToTenant({ type: 'organization.created', object: 'event', timestamp: Date.now(), data });
  return data;
}

interface RecordedEvent {
  type: string;
  aggregate: string;
  version: number;
  data: Record<string, unknown>;
}

const eventsOf = (id: string) =>
  asOwner<RecordedEvent>(
    tenant.ownerUrl,
    id,
    `SELECT type, aggregate_type || ' ' || aggregate_id AS aggregate, aggregate_version::int8::float8 AS version, data
     FROM outbox_events WHERE tenant_id = $1 ORDER BY id`,
    [id],
  );
const typesOf = async (id: string) => (await eventsOf(id)).map(({ type, version }) => `${type} ${version}`);
const run = async (id: string, mutation: string) => {
  const { data, errors } = await tenant.ask(admin(id), `mutation { it: ${mutation} { userErrors { code } } }`);
  if (errors) throw new Error(errors[0]?.message);
  return data.it.userErrors.map(({ code }: { code: string }) => code);
};

describe('the events of a store', () => {
  it('are none for refused changes, and one for a webhook delivered three times', async () => {
    const event = organizationCreated();
    const { id, slug } = event.data;
    const deliveryId = newDeliveryId();
    await Promise.all([
      sendToTenant(event, deliveryId),
      sendToTenant(event, deliveryId),
      sendToTenant(event, deliveryId),
    ]);
    expect(await run(id, 'tenantUpdate(input: { name: "" })')).toEqual(['REQUIRED']);
    expect(await run(id, 'tenantUpdate(input: { name: "X", expectedVersion: 7 })')).toEqual(['STALE_VERSION']);
    expect(await run(id, 'tenantSettingsUpdate(input: { expectedVersion: 7 })')).toEqual(['STALE_VERSION']);
    expect(await run(id, 'tenantResume')).toEqual(['INVALID_TRANSITION']);
    expect(await eventsOf(id)).toEqual([
      { type: 'tenant.created', aggregate: `tenant ${id}`, version: 1, data: { name: 'Nike', slug } },
    ]);
    const traces = "SELECT split_part(trace_parent, '-', 2) AS trace FROM outbox_events";
    expect(await asOwner(tenant.ownerUrl, id, traces)).toEqual([{ trace: traceOfRequest(deliveryId).split('-')[1] }]);
  });

  it('are one for each change, with the new version of the store or its settings', async () => {
    const { id, slug } = await makeStore();
    await run(id, 'tenantUpdate(input: { name: "Just Do It" })');
    await run(id, 'tenantSettingsUpdate(input: { orderPrefix: "N-" })');
    await run(id, 'tenantSettingsUpdate(input: { locale: "de-DE" })');
    await run(id, 'tenantSuspend(input: { reason: "Holidays" })');
    await run(id, 'tenantResume');
    await run(id, `tenantDelete(input: { confirmSlug: "${slug}" })`);
    const { db, close } = await openTenantDatabase(tenant.appUrl, 1);
    await changeStoreStatus(db, id, { kind: 'RESTORE' });
    await close();
    expect(await typesOf(id)).toEqual([
      'tenant.created 1',
      'tenant.updated 2',
      'tenant.updated 2',
      'tenant.settings_changed 2',
      'tenant.updated 2',
      'tenant.settings_changed 3',
      'tenant.suspended 3',
      'tenant.resumed 4',
      'tenant.deleted 5',
      'tenant.resumed 6',
    ]);
    const events = await eventsOf(id);
    expect(events[1]?.data).toEqual({ name: 'Just Do It', slug });
    expect(events[5]?.aggregate).toBe(`settings ${id}`);
    expect(events[5]?.data).toEqual({
      locale: 'de-DE',
      timeZone: 'UTC',
      showExactStock: true,
      orderPrefix: 'N-',
    });
    expect(events[6]?.data).toEqual({ by: 'STORE' });
    expect(events[8]?.data).toEqual({ eraseAfter: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  it('include its deletion, also when the delivery of its creation arrives later', async () => {
    const event = organizationCreated();
    const { id } = event.data;
    await sendToTenant({
      type: 'organization.deleted',
      object: 'event',
      timestamp: Date.now(),
      data: { id, deleted: true },
    });
    expect(await eventsOf(id)).toEqual([]);
    await sendToTenant(event);
    expect(await typesOf(id)).toEqual(['tenant.created 1', 'tenant.deleted 1']);
  });

  it('include each person who leaves, without personal data, in each store that they leave', async () => {
    const [first, second] = [await makeStore(), await makeStore()];
    const person = `user_${first.slug.replaceAll('-', 'x')}`;
    const membership = (id: string) => ({
      id: `orgmem_${id}`,
      organization: { id },
      role: 'org:member',
      public_user_data: { user_id: person, first_name: 'Ada', identifier: 'ada@example.com' },
      created_at: Date.now(),
      updated_at: Date.now(),
    });
    for (const { id } of [first, second]) {
      await sendToTenant({ type: 'organizationMembership.created', timestamp: Date.now(), data: membership(id) });
    }
    const at = Date.now() + 1_000;
    await sendToTenant({ type: 'organizationMembership.deleted', timestamp: at, data: membership(first.id) });
    await sendToTenant({ type: 'user.deleted', timestamp: at + 1, data: { id: person, deleted: true } });
    const removed = (time: number) => ({
      type: 'tenant.member.removed',
      aggregate: `member ${person}`,
      version: time,
      data: { userId: person },
    });
    expect((await eventsOf(first.id)).slice(1)).toEqual([removed(at)]);
    expect((await eventsOf(second.id)).slice(1)).toEqual([removed(at + 1)]);
  });

  it('are recorded once under a person’s own id when the account is deleted, also for a person who worked for no store', async () => {
    const person = `user_${newDeliveryId().replaceAll(/\W/g, '')}`;
    const at = Date.now();
    for (const later of [0, 1]) {
      await sendToTenant({ type: 'user.deleted', timestamp: at + later, data: { id: person, deleted: true } });
    }
    expect(await eventsOf(person)).toEqual([
      { type: 'tenant.user.deleted', aggregate: `user ${person}`, version: at, data: { userId: person } },
    ]);
  });

  it('include each change of the plan and of its payments’ state, but no choice that waits for the period’s end', async () => {
    const { id } = await makeStore();
    const choose = (plan: string) => run(id, `tenantPlanChange(input: { plan: ${plan} })`);
    await choose('STARTER');
    await choose('STARTER');
    await choose('PRO');
    await choose('FREE');
    const { db, close } = await openTenantDatabase(tenant.appUrl, 1);
    const change = (decide: Parameters<typeof changeBilling>[0]['decide']) =>
      changeBilling({ db, provider: manualBilling, tenantId: id, decide });
    await change((billing, now) => ({ newState: pastDue(billing, now, now) }));
    await change((billing) => ({ newState: canceled(billing) }));
    await close();
    const changed = (plan: string, previousPlan: string, status: string) => ({
      type: 'tenant.plan_changed',
      aggregate: `tenant ${id}`,
      version: 1,
      data: { plan, previousPlan, status },
    });
    expect((await eventsOf(id)).slice(1)).toEqual([
      changed('STARTER', 'FREE', 'TRIALING'),
      changed('PRO', 'STARTER', 'TRIALING'),
      changed('PRO', 'PRO', 'PAST_DUE'),
      changed('FREE', 'PRO', 'CANCELED'),
    ]);
  });
});
