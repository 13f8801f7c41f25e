import { createLogger } from '../log';
import { freshTenantId } from '../test/askSubgraph';
import { asOwner } from '../test/asOwner';
import { confirmed, type OutboxUnderTest, openOutbox } from '../test/eventHarness';
import type { DomainEvent } from './domainEvent';
import { relayDue } from './outboxRelay';
import { type EventPublisher, EventRejected, TransportDown } from './transport';

const logger = createLogger('test', 'silent');
let outbox: OutboxUnderTest;

beforeAll(async () => {
  outbox = await openOutbox();
});
afterAll(() => outbox?.close());

/** A channel that publishes batches, and fails for the events that the test says. */
class TestChannel implements EventPublisher {
  /** The events of each message, as "order version". */
  readonly messages: string[][] = [];
  refuses: (event: DomainEvent) => Error | null = () => null;
  publishBatch = async (events: readonly DomainEvent[]): Promise<void> => {
    for (const event of events) {
      const fault = this.refuses(event);
      if (fault) throw fault;
    }
    this.messages.push(events.map(({ aggregateId, aggregateVersion }) => `${aggregateId} ${aggregateVersion}`));
  };
  publish = (event: DomainEvent) => this.publishBatch([event]);
  channels = [{ name: 'test', publish: this.publish, publishBatch: this.publishBatch }];
  close = async () => {};
}

const buy = (orderId: string, ...versions: number[]) =>
  versions.map((version) => confirmed(orderId, version, 'prod_1'));
const statusesOf = async (tenantId: string) => (await outbox.rowsOf(tenantId)).map(({ status }) => status);
const relay = (channel: TestChannel) => relayDue(outbox.db, channel, logger);

describe('a channel that publishes batches', () => {
  it('gets a store’s events in the order of recording, fifty at most in one', async () => {
    const tenantId = freshTenantId();
    const all = Array.from({ length: 60 }, (_, n) => buy(`ord_${n % 7}`, n + 1)).flat();
    await outbox.record(tenantId, all);
    const channel = new TestChannel();
    expect(await relay(channel)).toBe(60);
    expect(channel.messages.map(({ length }) => length)).toEqual([50, 10]);
    expect(channel.messages.flat()).toEqual(
      all.map(({ aggregateId, aggregateVersion }) => `${aggregateId} ${aggregateVersion}`),
    );
  });

  it('gets the events one by one when one is rejected, and no later one of its aggregate', async () => {
    const tenantId = freshTenantId();
    const others = Array.from({ length: 60 }, (_, n) => confirmed(`ord_${n + 10}`, 1, 'prod_1'));
    await outbox.record(tenantId, [...buy('ord_1', 1, 2), ...buy('ord_2', 1), ...others, ...buy('ord_1', 3)]);
    const channel = new TestChannel();
    channel.refuses = ({ aggregateId, aggregateVersion }) =>
      aggregateId === 'ord_1' && aggregateVersion === 2 ? new EventRejected('refused') : null;
    await relay(channel);
    const published = channel.messages.flat();
    expect(published.filter((one) => one.startsWith('ord_1 '))).toEqual(['ord_1 1']);
    expect(published).toHaveLength(62);
    expect(new Set(published).size).toBe(62);

    channel.refuses = () => null;
    await asOwner(outbox.ownerUrl, tenantId, 'UPDATE outbox_events SET due_at = now()');
    await relay(channel);
    expect(channel.messages.at(-1)).toEqual(['ord_1 2', 'ord_1 3']);
    expect(new Set(await statusesOf(tenantId))).toEqual(new Set(['PUBLISHED']));
  });

  it('records on one event that it is down, and the batches before are published', async () => {
    const tenantId = freshTenantId();
    const all = Array.from({ length: 60 }, (_, n) => confirmed(`ord_${n}`, 1, 'prod_1'));
    await outbox.record(tenantId, all);
    const channel = new TestChannel();
    channel.refuses = ({ aggregateId }) => (aggregateId === 'ord_55' ? new TransportDown('away') : null);
    await expect(relay(channel)).rejects.toThrow('away');
    const rows = await outbox.rowsOf(tenantId);
    expect(rows.map(({ status }) => status)).toEqual([...Array(50).fill('PUBLISHED'), ...Array(10).fill('PENDING')]);
    expect(rows.filter(({ attempts }) => attempts > 0)).toMatchObject([{ lastError: 'Error: away' }]);
  });
});
