import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { openProductDatabase } from '../../product/database';
import { productSales } from '../../product/sales/productSales.consumer';
import { createLogger } from '../log';
import { freshTenantId, SIGNING_KEY } from '../test/askSubgraph';
import { asOwner } from '../test/asOwner';
import { type BrokerNode, hasBrokerNode, startBrokerNode } from '../test/brokerNode';
import { confirmed, eventually, type OutboxUnderTest, openOutbox } from '../test/eventHarness';
import { processEvent } from './inbox';
import { startInboxRetries } from './inboxRetries';
import { type OutboxRelay, startOutboxRelay } from './outboxRelay';
import { consumeFromRabbit } from './rabbitConsumers';
import { createRabbitPublisher } from './rabbitPublisher';
import type { EventPublisher } from './transport';

const logger = createLogger('test', 'silent');
/** Shorter than a real outage; a minute, tried by hand, has the same result. */
const AWAY_SECONDS = Number(process.env.BROKER_AWAY_SECONDS ?? 2);

(hasBrokerNode() ? describe : describe.skip)('a RabbitMQ of the test’s own (Debian’s rabbitmq-server)', () => {
  let node: BrokerNode;
  let outbox: OutboxUnderTest;
  let database: TestDatabase;
  let product: Awaited<ReturnType<typeof openProductDatabase>>;
  let publisher: EventPublisher;
  let relay: OutboxRelay;
  let consumer: { stop(): Promise<void> };
  let retries: { stop(): Promise<void> };

  beforeAll(async () => {
    [node, outbox, database] = await Promise.all([startBrokerNode(), openOutbox(), createTestDatabase('product')]);
    product = await openProductDatabase(database.appUrl, 10);
    const broker = { url: node.url, prefix: '' };
    publisher = await createRabbitPublisher('order', broker, SIGNING_KEY, logger);
    relay = startOutboxRelay(outbox.db, publisher, logger);
    const take = (it: typeof productSales, event: Parameters<typeof processEvent>[2]) =>
      processEvent(product.db, it, event);
    // As in a subgraph, an effect that fails on a row that all events change is stored and retried.
    retries = startInboxRetries(product.db, [productSales], logger);
    consumer = await consumeFromRabbit(broker, [productSales], take, SIGNING_KEY, logger);
  }, 150_000);
  afterAll(async () => {
    await consumer?.stop();
    await retries?.stop();
    await relay?.stop();
    await publisher?.close();
    await product?.close();
    await database?.drop();
    await outbox?.close();
    await node?.end();
  }, 60_000);

  /** Records one sale after another until stopped. @returns how many, and the duration of the slowest write in ms. */
  function sell(tenantId: string) {
    let isOver = false;
    const run = async () => {
      let [count, slowest] = [0, 0];
      while (!isOver) {
        const begun = performance.now();
        await outbox.record(tenantId, [confirmed(`ord_${count}`, 1, 'prod_1')]);
        slowest = Math.max(slowest, performance.now() - begun);
        count += 1;
        relay.wake();
        await sleep(10);
      }
      return { count, slowest };
    };
    const running = run();
    return () => {
      isOver = true;
      return running;
    };
  }
  const soldIn = async (tenantId: string) => {
    const [row] = await asOwner<{ sold: number }>(
      database.ownerUrl,
      tenantId,
      'SELECT sold_quantity::int AS sold FROM product_sales',
    );
    return row?.sold ?? 0;
  };

  it.each<[string, () => Promise<void>, () => Promise<void>]>([
    ['that is stopped under load', () => node.stop(), () => node.start()],
    ['that is out of memory under load', () => node.setMemoryAlarm(true), () => node.setMemoryAlarm(false)],
  ])(
    '%s holds up no write, and has lost and doubled nothing when it is back',
    async (_what, away, back) => {
      const tenantId = freshTenantId();
      const stopSelling = sell(tenantId);
      await eventually(async () => expect(await soldIn(tenantId)).toBeGreaterThan(0));
      await away();
      await sleep(AWAY_SECONDS * 1_000);
      const waiting = (await outbox.rowsOf(tenantId)).filter(({ status }) => status === 'PENDING').length;
      expect(waiting).toBeGreaterThan(0);
      await back();
      await sleep(250);
      const { count, slowest } = await stopSelling();
      const begun = performance.now();
      await eventually(async () => expect(await soldIn(tenantId)).toBe(count));
      if (process.env.BROKER_AWAY_SECONDS) {
        const drained = Math.round(performance.now() - begun);
        console.info({ count, waiting, slowestWriteMs: Math.round(slowest), drainedMs: drained });
      }
      // Generous for a busy machine, but much shorter than the broker's outage.
      expect(slowest).toBeLessThan(AWAY_SECONDS * 1_000);
      const inbox = await asOwner<{ count: number }>(
        database.ownerUrl,
        tenantId,
        'SELECT count(*)::int AS count FROM inbox_events',
      );
      expect(inbox).toEqual([{ count }]);
    },
    (AWAY_SECONDS + 120) * 1_000,
  );
});
