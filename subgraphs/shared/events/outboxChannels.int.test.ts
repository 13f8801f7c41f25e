import { createLogger } from '../log';
import { freshTenantId } from '../test/askSubgraph';
import { asOwner } from '../test/asOwner';
import { confirmed, eventually, type OutboxUnderTest, openOutbox } from '../test/eventHarness';
import type { DomainEvent } from './domainEvent';
import { relayDue, startOutboxRelay } from './outboxRelay';
import { replay } from './replay';
import { type EventPublisher, EventRejected, TransportDown } from './transport';

const logger = createLogger('test', 'silent');
let outbox: OutboxUnderTest;

beforeAll(async () => {
  outbox = await openOutbox();
});
afterAll(() => outbox?.close());

/** Two channels, each with its published events, and an error to throw. */
function twoChannels() {
  const channel = (name: string) => {
    const published: DomainEvent[] = [];
    const it = { fault: null as Error | null, published };
    return {
      it,
      channel: {
        name,
        publish: async (event: DomainEvent) => {
          if (it.fault) throw it.fault;
          published.push(event);
        },
      },
    };
  };
  const [one, other] = [channel('one'), channel('other')];
  const publisher: EventPublisher = { channels: [one.channel, other.channel], close: async () => {} };
  return { publisher, one: one.it, other: other.it };
}

const versions = (events: DomainEvent[], tenantId: string) =>
  events.filter((event) => event.tenantId === tenantId).map(({ aggregateVersion }) => aggregateVersion);
const rowsOf = (tenantId: string) =>
  asOwner<{ status: string; taken: string[] }>(
    outbox.ownerUrl,
    tenantId,
    `SELECT status::text, ARRAY(SELECT unnest(taken_by) ORDER BY 1) AS taken FROM outbox_events ORDER BY position`,
  );

describe('a channel', () => {
  it('that is down does not delay the others; its events are PUBLISHED once it has published them, too, each once', async () => {
    const tenantId = freshTenantId();
    const { publisher, one, other } = twoChannels();
    other.fault = new TransportDown('away');
    await outbox.record(tenantId, [confirmed('ord_1', 1, 'prod_1'), confirmed('ord_1', 2, 'prod_1')]);
    await expect(relayDue(outbox.db, publisher, logger)).rejects.toThrow('away');
    await outbox.record(tenantId, [confirmed('ord_1', 3, 'prod_1')]);
    await expect(relayDue(outbox.db, publisher, logger)).rejects.toThrow('away');
    expect(versions(one.published, tenantId)).toEqual([1, 2, 3]);
    expect(await rowsOf(tenantId)).toEqual(Array(3).fill({ status: 'PENDING', taken: ['one'] }));
    expect((await outbox.rowsOf(tenantId))[0]).toMatchObject({ lastError: 'Error: away' });

    other.fault = null;
    while ((await relayDue(outbox.db, publisher, logger)) > 0);
    expect(versions(other.published, tenantId)).toEqual([1, 2, 3]);
    expect(versions(one.published, tenantId)).toEqual([1, 2, 3]);
    expect(await rowsOf(tenantId)).toEqual(Array(3).fill({ status: 'PUBLISHED', taken: ['one', 'other'] }));
  });

  it('retries an event that it rejects by itself, while the others have published it', async () => {
    const tenantId = freshTenantId();
    const { publisher, one, other } = twoChannels();
    await outbox.record(tenantId, [confirmed('ord_1', 1, 'prod_1')]);
    other.fault = new EventRejected('refused');
    while ((await relayDue(outbox.db, publisher, logger)) > 0);
    await eventually(async () => {
      await asOwner(outbox.ownerUrl, tenantId, `UPDATE outbox_events SET due_at = now()`);
      await relayDue(outbox.db, publisher, logger);
      expect(versions(one.published, tenantId)).toEqual([1]);
    });
    await outbox.record(tenantId, [confirmed('ord_1', 2, 'prod_1')]);
    await relayDue(outbox.db, publisher, logger);
    expect(versions(one.published, tenantId)).toEqual([1, 2]);
    expect(versions(other.published, tenantId)).toEqual([]);
  });

  it('publishes all events in order and once each, under load and with failures', async () => {
    const tenants = Array.from({ length: 3 }, () => freshTenantId());
    const { publisher, one, other } = twoChannels();
    const relays = [0, 1].map(() => startOutboxRelay(outbox.db, publisher, logger, { pollMs: 50 }));
    for (let version = 1; version <= 20; version += 1) {
      other.fault = version % 5 === 3 ? new TransportDown('away') : null;
      await Promise.all(tenants.map((tenantId) => outbox.record(tenantId, [confirmed('ord_1', version, 'prod_1')])));
      for (const relay of relays) relay.wake();
    }
    other.fault = null;
    await eventually(async () => {
      for (const tenantId of tenants) {
        expect(new Set((await rowsOf(tenantId)).map(({ status }) => status))).toEqual(new Set(['PUBLISHED']));
      }
    });
    await Promise.all(relays.map((relay) => relay.stop()));
    const all = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const tenantId of tenants) {
      expect(versions(one.published, tenantId)).toEqual(all);
      expect(versions(other.published, tenantId)).toEqual(all);
    }
  });

  it('publishes all events of a replay again', async () => {
    const tenantId = freshTenantId();
    const { publisher, one, other } = twoChannels();
    await outbox.record(tenantId, [confirmed('ord_1', 1, 'prod_1')]);
    await relayDue(outbox.db, publisher, logger);
    expect(await replay(outbox.db, { tenantId, since: new Date(0), types: ['order.confirmed'] })).toBe(1);
    await relayDue(outbox.db, publisher, logger);
    expect(versions(one.published, tenantId)).toEqual([1, 1]);
    expect(versions(other.published, tenantId)).toEqual([1, 1]);
  });
});
