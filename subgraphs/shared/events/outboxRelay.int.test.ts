import { withClient } from '../../../prisma/databases';
import { createLogger } from '../log';
import { freshTenantId } from '../test/askSubgraph';
import { asOwner } from '../test/asOwner';
import { confirmed, eventually, type OutboxUnderTest, openOutbox, publisherOf } from '../test/eventHarness';
import type { DomainEvent } from './domainEvent';
import { listTenantsDue } from './outbox';
import { listenToOutbox } from './outboxListener';
import { type OutboxRelay, relayDue, startOutboxRelay } from './outboxRelay';
import { pruneEvents } from './pruning';
import { type EventPublisher, EventRejected, TransportDown } from './transport';

const logger = createLogger('test', 'silent');
/** A fifth of the required backlog, which has the same result. */
const BACKLOG = Number(process.env.BACKLOG_EVENTS ?? 20_000);
const BACKLOG_STORES = 50;
let outbox: OutboxUnderTest;

beforeEach(async () => {
  outbox = await openOutbox();
});
afterEach(() => outbox?.close());

/** Publishes every event, or fails as the test says. */
class Recorder implements EventPublisher {
  readonly events: DomainEvent[] = [];
  publish = async (event: DomainEvent): Promise<void> => void this.events.push(event);
  channels = [{ name: 'test', publish: (event: DomainEvent) => this.publish(event) }];
  close = async (): Promise<void> => {};
  get ids() {
    return this.events.map(({ id }) => id);
  }
}

const relayUntilNone = async (publisher: EventPublisher) => {
  while ((await relayDue(outbox.db, publisher, logger)) > 0);
};
const idsOf = async (tenantId: string) => (await outbox.rowsOf(tenantId)).map(({ id }) => id);
const statusesOf = async (tenantId: string) => (await outbox.rowsOf(tenantId)).map(({ status }) => status);
const due = (tenantId: string) =>
  asOwner(outbox.ownerUrl, tenantId, 'UPDATE outbox_events SET due_at = now() WHERE tenant_id = $1', [tenantId]);

describe('the relay', () => {
  it('keeps the events of a transport that is down, records that on one event, and delays no write', async () => {
    const tenantId = freshTenantId();
    const down = publisherOf(async () => {
      throw new TransportDown('no broker');
    });
    await outbox.record(tenantId, [confirmed('ord_1', 1, 'prod_1'), confirmed('ord_2', 1, 'prod_1')]);
    await expect(relayDue(outbox.db, down, logger)).rejects.toThrow(TransportDown);
    await outbox.record(tenantId, [confirmed('ord_3', 1, 'prod_1')]);
    const rows = await outbox.rowsOf(tenantId);
    expect(rows.map(({ status }) => status)).toEqual(['PENDING', 'PENDING', 'PENDING']);
    expect(rows.filter(({ attempts }) => attempts > 0)).toMatchObject([{ attempts: 1, lastError: 'Error: no broker' }]);
  });

  it('retries a rejected event later, and holds back the later ones of its aggregate, and no others', async () => {
    const tenantId = freshTenantId();
    await outbox.record(tenantId, [
      confirmed('ord_1', 1, 'prod_1'),
      confirmed('ord_1', 2, 'prod_1'),
      confirmed('ord_2', 1, 'prod_1'),
    ]);
    const [first, second, other] = await idsOf(tenantId);
    const recorder = new Recorder();
    const take = recorder.publish;
    recorder.publish = async (event) => {
      if (event.id === first) throw new EventRejected('unroutable');
      await take(event);
    };
    await relayUntilNone(recorder);
    expect(recorder.ids).toEqual([other]);
    expect(await outbox.rowsOf(tenantId)).toMatchObject([
      { status: 'PENDING', attempts: 1, lastError: 'Error: unroutable' },
      { status: 'PENDING', attempts: 0 },
      { status: 'PUBLISHED' },
    ]);

    recorder.publish = take;
    await due(tenantId);
    await relayUntilNone(recorder);
    expect(recorder.ids).toEqual([other, first, second]);
  });

  it('publishes again, after the lease, events that a killed relay had published but not marked', async () => {
    const tenantId = freshTenantId();
    await outbox.record(tenantId, [confirmed('ord_1', 1, 'prod_1')]);
    await new Promise<void>((begun) => {
      const publish = () => {
        begun();
        // A killed process never continues.
        return new Promise<void>(() => {});
      };
      void relayDue(outbox.db, publisherOf(publish), logger);
    });

    const recorder = new Recorder();
    await relayUntilNone(recorder);
    expect(recorder.ids).toEqual([]);
    await asOwner(outbox.ownerUrl, tenantId, 'UPDATE outbox_leases SET lease_until = now() WHERE tenant_id = $1', [
      tenantId,
    ]);
    await relayUntilNone(recorder);
    expect(recorder.ids).toEqual(await idsOf(tenantId));
    expect(await statusesOf(tenantId)).toEqual(['PUBLISHED']);
  });

  it('publishes an event that commits late, although later ones were published before', async () => {
    const tenantId = freshTenantId();
    const recorder = new Recorder();
    await withClient(outbox.ownerUrl, async (slow) => {
      await slow.query('BEGIN');
      await slow.query('SELECT set_tenant($1)', [tenantId]);
      await slow.query(
        `INSERT INTO outbox_events (tenant_id, id, type, data_version, data, aggregate_type, aggregate_id, aggregate_version)
         VALUES ($1, 'evt_late', 'tenant.resumed', 1, '{}', 'tenant', $1, 1)`,
        [tenantId],
      );
      await outbox.record(tenantId, [confirmed('ord_1', 1, 'prod_1')]);
      await relayUntilNone(recorder);
      expect(recorder.events).toMatchObject([{ type: 'order.confirmed' }]);
      await slow.query('COMMIT');
    });
    await relayUntilNone(recorder);
    expect(recorder.events).toMatchObject([{ type: 'order.confirmed' }, { id: 'evt_late' }]);
  });

  it('keeps the order of each aggregate among four relays, and publishes each event once', async () => {
    const tenants = Array.from({ length: 6 }, () => freshTenantId());
    const sent: DomainEvent[] = [];
    const relays: OutboxRelay[] = Array.from({ length: 4 }, () => {
      const recorder = new Recorder();
      recorder.publish = async (event) => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
        sent.push(event);
      };
      return startOutboxRelay(outbox.db, recorder, logger);
    });
    for (let version = 1; version <= 10; version += 1) {
      await Promise.all(
        tenants.map((tenantId) =>
          outbox.record(tenantId, [confirmed('ord_a', version, 'prod_1'), confirmed('ord_b', version, 'prod_1')]),
        ),
      );
      for (const relay of relays) relay.wake();
    }
    await eventually(async () => expect(sent).toHaveLength(120));
    await Promise.all(relays.map((relay) => relay.stop()));
    for (const tenantId of tenants) {
      for (const order of ['ord_a', 'ord_b']) {
        const versions = sent.filter((event) => event.tenantId === tenantId && event.aggregateId === order);
        expect(versions.map(({ aggregateVersion }) => aggregateVersion)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      }
    }
  });

  it('is woken by the commit, and not by its next poll', async () => {
    const tenantId = freshTenantId();
    const recorder = new Recorder();
    const relay = startOutboxRelay(outbox.db, recorder, logger, { pollMs: 3_600_000 });
    let rings = 0;
    const wake = () => {
      rings += 1;
      relay.wake();
    };
    const outboxListener = listenToOutbox(outbox.appUrl, wake, logger);
    await eventually(async () => expect(rings).toBe(1));
    for (let version = 1; version <= 5; version += 1) {
      await outbox.record(tenantId, [confirmed('ord_1', version, 'prod_1')]);
      await eventually(async () => expect(recorder.events).toHaveLength(version));
    }
    await outboxListener.stop();
    await relay.stop();
  });

  it('publishes the event as it was recorded', async () => {
    const tenantId = freshTenantId();
    await outbox.record(tenantId, [confirmed('ord_1', 3, 'prod_1')]);
    await outbox.record(tenantId, [confirmed('ord_1', 5, 'prod_1', 2)]);
    const recorder = new Recorder();
    await relayUntilNone(recorder);
    expect(recorder.events[1]).toEqual({
      id: expect.stringMatching(/^evt_/),
      type: 'order.confirmed',
      tenantId,
      aggregateType: 'order',
      aggregateId: 'ord_1',
      aggregateVersion: 5,
      previousVersion: 3,
      dataVersion: 1,
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      traceParent: null,
      data: confirmed('ord_1', 5, 'prod_1', 2).data,
    });
  });
});

describe(`with ${BACKLOG} events waiting in ${BACKLOG_STORES} stores`, () => {
  const fill = async () => {
    for (let store = 0; store < BACKLOG_STORES; store += 1) {
      await outbox.fill(`org_${store}`, BACKLOG / BACKLOG_STORES);
    }
    await withClient(outbox.ownerUrl, (owner) => owner.query('VACUUM ANALYZE outbox_events'));
  };

  it(
    'a poll reads only an index, and all events are published, each once and in order',
    async () => {
      await fill();
      const plan = await withClient(outbox.appUrl, async (app) => {
        await app.query('BEGIN');
        await app.query(`SELECT set_task('event_relay')`);
        const { rows } = await app.query(`EXPLAIN ${await statementOf(() => listTenantsDue(outbox.db, 'test', 64))}`);
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      });
      expect(plan).toContain('Index Only Scan using outbox_events_due_idx');
      expect(plan).not.toContain('Seq Scan on outbox_events');

      const last = new Map<string, number>();
      let count = 0;
      const inOrder = publisherOf(async ({ tenantId, aggregateId, aggregateVersion }) => {
        const key = `${tenantId} ${aggregateId}`;
        expect(aggregateVersion).toBeGreaterThan(last.get(key) ?? 0);
        last.set(key, aggregateVersion);
        count += 1;
      });
      await relayUntilNone(inOrder);
      expect(count).toBe(BACKLOG);
    },
    60_000 + BACKLOG,
  );
});

describe('pruning', () => {
  it('deletes events that were published long ago, and none that wait', async () => {
    const tenantId = freshTenantId();
    await outbox.record(tenantId, [
      confirmed('ord_1', 1, 'prod_1'),
      confirmed('ord_2', 1, 'prod_1'),
      confirmed('ord_3', 1, 'prod_1'),
    ]);
    const [old, young] = await idsOf(tenantId);
    const age = (id: string | undefined, days: number, status: string) =>
      asOwner(
        outbox.ownerUrl,
        tenantId,
        `UPDATE outbox_events SET status = $2::"OutboxStatus", occurred_at = now() - make_interval(days => $3),
           published_at = CASE WHEN $2 = 'PUBLISHED' THEN now() - make_interval(days => $3) END WHERE id = $1`,
        [id, status, days],
      );
    await age(old, 91, 'PUBLISHED');
    await age(young, 89, 'PUBLISHED');
    expect(await pruneEvents(outbox.db)).toBe(1);
    expect(await statusesOf(tenantId)).toEqual(['PUBLISHED', 'PENDING']);
  });
});

/** The first statement that `send` sends, with its parameters in the text, for EXPLAIN. */
async function statementOf(send: () => Promise<unknown>): Promise<string> {
  let text = '';
  const spy = jest.spyOn(outbox.db, '$queryRaw').mockImplementation(((
    strings: TemplateStringsArray,
    ...values: (number | string)[]
  ) => {
    text = String.raw({ raw: strings }, ...values.map((value) => (typeof value === 'string' ? `'${value}'` : value)));
    return Promise.resolve([]);
  }) as never);
  await send();
  spy.mockRestore();
  return text;
}
