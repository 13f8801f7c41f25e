import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { openOrderDatabase } from '../../order/database';
import { openProductDatabase } from '../../product/database';
import { openTenantDatabase } from '../../tenant/database';
import { runInScope, ScopeMissing } from '../scope';
import { asOwner } from '../test/asOwner';
import { InvalidEvent, type NewEvent, recordEvent, recordEvents } from './recordEvent';

let database: TestDatabase;
let order: Awaited<ReturnType<typeof openOrderDatabase>>;

beforeAll(async () => {
  database = await createTestDatabase('order');
  order = await openOrderDatabase(database.appUrl, 5);
});
afterAll(async () => {
  await order?.close();
  await database?.drop();
});

let tenants = 0;
const newTenant = () => `org_events_${++tenants}`;

const canceled = (aggregateId: string, aggregateVersion: number): NewEvent => ({
  type: 'order.canceled',
  aggregateId,
  aggregateVersion,
  data: { number: 1, lines: [] },
});

const record = (tenantId: string, events: NewEvent[]) =>
  runInScope({ tenantId }, () => order.db.$transaction((tx) => recordEvents(tx, events)));

const outboxOf = (tenantId: string) =>
  asOwner<Record<string, unknown>>(
    database.ownerUrl,
    tenantId,
    `SELECT type, aggregate_id AS id, aggregate_version::int AS version, previous_version::int AS previous, status
     FROM outbox_events ORDER BY position`,
  );

describe('recordEvent', () => {
  it.each<[string, object]>([
    ['without a field of its data', { number: 1 }],
    ['with a field that the catalog does not name', { number: 1, lines: [], email: 'ada@example.com' }],
    ['with a field of another type', { number: '1', lines: [] }],
  ])('refuses an event %s, and the change is rolled back', async (_how, data) => {
    const tenantId = newTenant();
    const change = runInScope({ tenantId }, () =>
      order.db.$transaction(async (tx) => {
        await tx.orderCounter.create({ data: { tenantId, lastNumber: 1 } });
        await recordEvent(tx, { ...canceled('ord_1', 1), data } as NewEvent);
      }),
    );
    await expect(change).rejects.toThrow(InvalidEvent);
    expect(await outboxOf(tenantId)).toEqual([]);
    expect(await asOwner(database.ownerUrl, tenantId, 'SELECT * FROM order_counters')).toEqual([]);
  });

  it('names the field that is wrong, and not its value', async () => {
    const data = { number: 1, lines: [], email: 'ada@example.com' };
    await expect(record(newTenant(), [{ ...canceled('ord_1', 1), data } as NewEvent])).rejects.toThrow(
      'Not a order.canceled: check data (unrecognized_keys)',
    );
  });

  it('refuses an event outside of a store’s scope', async () => {
    const change = runInScope({ task: 'event_relay' }, () =>
      order.db.$transaction((tx) => recordEvent(tx, canceled('ord_1', 1))),
    );
    await expect(change).rejects.toThrow(ScopeMissing);
  });

  it('records nothing for a change that is rolled back', async () => {
    const tenantId = newTenant();
    const change = runInScope({ tenantId }, () =>
      order.db.$transaction(async (tx) => {
        await recordEvent(tx, canceled('ord_1', 1));
        throw new Error('undone');
      }),
    );
    await expect(change).rejects.toThrow('undone');
    expect(await outboxOf(tenantId)).toEqual([]);
  });

  it('keeps the order of several events, each with the version of its aggregate’s previous one', async () => {
    const tenantId = newTenant();
    await record(tenantId, [canceled('ord_1', 1)]);
    await record(tenantId, [canceled('ord_2', 4), canceled('ord_1', 3), canceled('ord_1', 3), canceled('ord_2', 9)]);
    const common = { type: 'order.canceled', status: 'PENDING' };
    expect(await outboxOf(tenantId)).toEqual([
      { ...common, id: 'ord_1', version: 1, previous: null },
      { ...common, id: 'ord_2', version: 4, previous: null },
      { ...common, id: 'ord_1', version: 3, previous: 1 },
      { ...common, id: 'ord_1', version: 3, previous: 3 },
      { ...common, id: 'ord_2', version: 9, previous: 4 },
    ]);
  });

  it.each([
    ['tenant', recordInTenantDatabase],
    ['product', recordInProductDatabase],
  ] as const)('writes the same into the database of %s', async (service, recordIn) => {
    const tenantId = newTenant();
    const other = await createTestDatabase(service);
    const event: NewEvent = { type: 'tenant.resumed', aggregateId: tenantId, aggregateVersion: 2, data: {} };
    await runInScope({ tenantId }, () => recordIn(other.appUrl, event));
    const rows = await asOwner(other.ownerUrl, tenantId, 'SELECT type, aggregate_type FROM outbox_events');
    expect(rows).toEqual([{ type: 'tenant.resumed', aggregate_type: 'tenant' }]);
    await other.drop();
  });

  it('notifies the listeners when the transaction commits', async () => {
    const listener = new Client({ connectionString: database.appUrl });
    await listener.connect();
    await listener.query('LISTEN outbox_events');
    const rung = new Promise((resolve) => listener.once('notification', resolve));
    await record(newTenant(), [canceled('ord_1', 1)]);
    expect(await rung).toMatchObject({ channel: 'outbox_events', payload: 'order.canceled' });
    await listener.end();
  });
});

async function recordInTenantDatabase(url: string, event: NewEvent): Promise<void> {
  const { db, close } = await openTenantDatabase(url, 2);
  await db.$transaction((tx) => recordEvent(tx, event));
  await close();
}

async function recordInProductDatabase(url: string, event: NewEvent): Promise<void> {
  const { db, close } = await openProductDatabase(url, 2);
  await db.$transaction((tx) => recordEvent(tx, event));
  await close();
}
