import { createTestDatabase } from '../../../prisma/testDatabase';
import { openOrderDatabase } from '../../order/database';
import type { DomainEvent } from '../events/domainEvent';
import { type NewEvent, recordEvents } from '../events/recordEvent';
import type { EventChannel, EventPublisher } from '../events/transport';
import { newId } from '../ids';
import { runInScope } from '../scope';
import { asOwner } from './asOwner';

/** A database that events are recorded in. */
export async function openOutbox() {
  const database = await createTestDatabase('order');
  const { db, close } = await openOrderDatabase(database.appUrl, 10);
  return {
    db,
    appUrl: database.appUrl,
    ownerUrl: database.ownerUrl,
    record: (tenantId: string, events: NewEvent[]) =>
      runInScope({ tenantId }, () => db.$transaction((tx) => recordEvents(tx, events))),
    /** A backlog of a store: so many purchases of one, of up to a hundred orders and as many products. */
    fill: (tenantId: string, count: number) =>
      asOwner(
        database.ownerUrl,
        tenantId,
        `INSERT INTO outbox_events (tenant_id, id, type, data_version, data, aggregate_type, aggregate_id, aggregate_version)
         SELECT $1, 'evt_' || n, 'order.confirmed', 1, jsonb_set($2, '{lines,0,productId}', to_jsonb('prod_' || n % 100)),
           'order', 'ord_' || n % 100, n FROM generate_series(1, $3::int) AS n`,
        [tenantId, JSON.stringify(confirmed('ord_1', 1, 'prod_1').data), count],
      ),
    /** The events of a store as they stand in the outbox, in the order of recording. */
    rowsOf: (tenantId: string) =>
      asOwner<{ id: string; type: string; status: string; attempts: number; lastError: string | null }>(
        database.ownerUrl,
        tenantId,
        `SELECT id, type, status, attempts, last_error AS "lastError" FROM outbox_events
         WHERE tenant_id = $1 ORDER BY position`,
        [tenantId],
      ),
    close: async () => {
      await close();
      await database.drop();
    },
  };
}

export type OutboxUnderTest = Awaited<ReturnType<typeof openOutbox>>;

/** One product, bought `quantity` times. */
const linesOf = (productId: string, quantity: number) => [{ productId, variantId: 'pvar_1', quantity }];

export const confirmed = (orderId: string, version: number, productId: string, quantity = 1): NewEvent => ({
  type: 'order.confirmed',
  aggregateId: orderId,
  aggregateVersion: version,
  data: { number: 1, total: { amount: '10.00', currencyCode: 'USD' }, lines: linesOf(productId, quantity) },
});

export const canceled = (orderId: string, version: number, productId: string, quantity = 1): NewEvent => ({
  type: 'order.canceled',
  aggregateId: orderId,
  aggregateVersion: version,
  data: { number: 1, lines: linesOf(productId, quantity) },
});

/** An event as a relay hands it on. */
export function deliveredEvent(tenantId: string, event: NewEvent, more: Partial<DomainEvent> = {}): DomainEvent {
  return {
    id: newId('evt'),
    type: event.type,
    tenantId,
    aggregateType: 'order',
    aggregateId: event.aggregateId,
    aggregateVersion: Number(event.aggregateVersion),
    previousVersion: null,
    dataVersion: 1,
    time: new Date().toISOString(),
    traceParent: null,
    data: event.data,
    ...more,
  };
}

/** A publisher with one channel. */
export const publisherOf = (publish: EventChannel['publish'], name = 'test'): EventPublisher => ({
  channels: [{ name, publish }],
  close: async () => {},
});

/** Asks until `hold` holds. @throws what it last threw, after thirty seconds or as many milliseconds as are given. */
export async function eventually(hold: () => Promise<void>, patienceMs = 30_000): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await hold();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
