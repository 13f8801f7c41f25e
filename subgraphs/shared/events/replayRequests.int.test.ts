import { connect } from 'amqplib';
import { Registry } from 'prom-client';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { openProductDatabase } from '../../product/database';
import { productSales } from '../../product/sales/productSales.consumer';
import { createLogger } from '../log';
import { freshTenantId, SIGNING_KEY } from '../test/askSubgraph';
import { asOwner } from '../test/asOwner';
import { brokerUnderTest, hasBroker } from '../test/brokerUnderTest';
import { confirmed, eventually, type OutboxUnderTest, openOutbox } from '../test/eventHarness';
import { processEvent } from './inbox';
import { startOutboxRelay } from './outboxRelay';
import { consumeFromRabbit } from './rabbitConsumers';
import { createRabbitPublisher } from './rabbitPublisher';
import { queueOf } from './rabbitTopology';
import { redriveBroker } from './redriveBroker';
import { answerReplayRequests, createReplayRequests } from './replayRequests';

const logger = createLogger('test', 'silent');
const QUEUE = 'product.sales';

(hasBroker() ? describe : describe.skip)('a queue that is lost with what it held (Debian’s rabbitmq-server)', () => {
  let outbox: OutboxUnderTest;
  let database: TestDatabase;
  let product: Awaited<ReturnType<typeof openProductDatabase>>;
  const broker = brokerUnderTest();
  const stops: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    [outbox, database] = await Promise.all([openOutbox(), createTestDatabase('product')]);
    product = await openProductDatabase(database.appUrl, 5);
    const publisher = await createRabbitPublisher('order', broker, SIGNING_KEY, logger);
    const relay = startOutboxRelay(outbox.db, publisher, logger);
    const answers = await answerReplayRequests(broker, 'order', outbox.db, logger);
    stops.push(relay.stop, answers.stop, publisher.close, product.close, database.drop, outbox.close, broker.drop);
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  async function consume(metrics: Registry) {
    const take = (consumer: typeof productSales, event: Parameters<typeof processEvent>[2]) =>
      processEvent(product.db, consumer, event);
    const requestReplay = createReplayRequests(product.db, broker, metrics, logger);
    return consumeFromRabbit(broker, [productSales], take, SIGNING_KEY, logger, requestReplay);
  }
  const sell = async (tenantId: string, orderId: string) => {
    await outbox.record(tenantId, [confirmed(orderId, 1, 'prod_1')]);
    await eventually(async () => {
      expect((await outbox.rowsOf(tenantId)).map(({ status }) => status)).not.toContain('PENDING');
    });
  };
  const soldIn = async (tenantId: string) => {
    const sql = 'SELECT sold_quantity::int AS sold FROM product_sales';
    return (await asOwner<{ sold: number }>(database.ownerUrl, tenantId, sql))[0]?.sold ?? 0;
  };
  const sold = (tenantId: string, count: number) => eventually(async () => expect(await soldIn(tenantId)).toBe(count));

  it.each<[string, () => Promise<unknown>]>([
    ['its consumer', async () => {}],
    ['somebody else', () => redriveBroker(broker)],
  ])(
    'and is declared again by %s: its consumer has what it missed, in every store, each once',
    async (_who, declare) => {
      const tenants = [freshTenantId(), freshTenantId()];
      const before = await consume(new Registry());
      for (const tenantId of tenants) await sell(tenantId, 'ord_1');
      for (const tenantId of tenants) await sold(tenantId, 1);
      await before.stop();
      for (const tenantId of tenants) await sell(tenantId, 'ord_2');

      const connection = await connect(broker.url);
      const { messageCount } = await (await connection.createChannel()).deleteQueue(queueOf(broker.prefix, QUEUE));
      await connection.close();
      expect(messageCount).toBe(2);
      // Another consumer's queue gets it, so that no publisher notices that one queue is missing.
      for (const tenantId of tenants) await sell(tenantId, 'ord_3');
      await declare();

      const metrics = new Registry();
      const after = await consume(metrics);
      for (const tenantId of tenants) await sold(tenantId, 3);
      expect(await metrics.metrics()).toContain(`event_queues_lost_total{consumer="${QUEUE}"} 1`);
      await after.stop();
    },
  );

  it('is none where no event was ever processed: no replay is requested', async () => {
    const tenantId = freshTenantId();
    const metrics = new Registry();
    const consumer = await consume(metrics);
    await sell(tenantId, 'ord_1');
    await sold(tenantId, 1);
    expect(await metrics.metrics()).not.toContain('event_queues_lost_total{');
    await consumer.stop();
  });
});
