import { connect } from 'amqplib';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { openProductDatabase } from '../../product/database';
import { productSales } from '../../product/sales/productSales.consumer';
import { createLogger } from '../log';
import { freshTenantId, SIGNING_KEY } from '../test/askSubgraph';
import { asOwner } from '../test/asOwner';
import { brokerUnderTest, hasBroker } from '../test/brokerUnderTest';
import { confirmed, deliveredEvent, eventually } from '../test/eventHarness';
import { startTcpProxy } from '../test/tcpProxy';
import { channelOf } from '../test/transportEnvs';
import { processEvent } from './inbox';
import { consumeFromRabbit, type ProcessEvent } from './rabbitConsumers';
import { createRabbitPublisher } from './rabbitPublisher';
import { deadQueueOf, exchangeOf, queueOf } from './rabbitTopology';
import { redriveBroker } from './redriveBroker';
import { consumersOf } from './subscriptions';
import { EventRejected, TransportDown } from './transport';

const logger = createLogger('test', 'silent');
const onBroker = hasBroker() ? describe : describe.skip;

onBroker('a consumer of RabbitMQ (Debian’s rabbitmq-server, listening at 127.0.0.1:5672)', () => {
  let database: TestDatabase;
  let product: Awaited<ReturnType<typeof openProductDatabase>>;

  beforeAll(async () => {
    database = await createTestDatabase('product');
    product = await openProductDatabase(database.appUrl, 5);
  });
  afterAll(async () => {
    await product?.close();
    await database?.drop();
  });

  it.each<[string, (loseConnection: () => Promise<void>) => ProcessEvent<typeof productSales>]>([
    [
      'after its effect and before it said so',
      (loseConnection) => async (_consumer, event) => {
        const outcome = await processEvent(product.db, productSales, event);
        await loseConnection();
        return outcome;
      },
    ],
    [
      'before its effect',
      (loseConnection) => async (_consumer, event) => {
        await loseConnection();
        return processEvent(product.db, productSales, event);
      },
    ],
  ])('that is lost %s gets the event again, with one effect', async (_when, takeWith) => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: 5672 });
    const broker = brokerUnderTest();
    const publisher = await createRabbitPublisher('order', broker, SIGNING_KEY, logger);
    let deliveries = 0;
    const take = takeWith(async () => {
      deliveries += 1;
      if (deliveries > 1) return;
      await proxy.cut();
      await proxy.open();
    });
    const url = new URL(broker.url);
    url.port = String(proxy.port);
    const consumer = await consumeFromRabbit({ ...broker, url: url.href }, [productSales], take, SIGNING_KEY, logger);
    const tenantId = freshTenantId();
    await eventually(() =>
      channelOf(publisher, 'rabbitmq').publish(deliveredEvent(tenantId, confirmed('ord_1', 1, 'prod_1', 3))),
    );
    await eventually(async () => expect(deliveries).toBe(2));
    await consumer.stop();
    const rows = await asOwner(database.ownerUrl, tenantId, 'SELECT sold_quantity::int AS sold FROM product_sales');
    expect(rows).toEqual([{ sold: 3 }]);
    await publisher.close();
    await proxy.cut();
    await broker.drop();
  });

  it('retries a message that it could not process, after a moment', async () => {
    const broker = brokerUnderTest();
    const publisher = await createRabbitPublisher('order', broker, SIGNING_KEY, logger);
    const times: number[] = [];
    const consumer = await consumeFromRabbit(
      broker,
      [productSales],
      async () => {
        times.push(performance.now());
        if (times.length === 1) throw new Error('the database is away');
        return 'applied';
      },
      SIGNING_KEY,
      logger,
    );
    await eventually(() =>
      channelOf(publisher, 'rabbitmq').publish(deliveredEvent(freshTenantId(), confirmed('ord_1', 1, 'prod_1'))),
    );
    await eventually(async () => expect(times).toHaveLength(2));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_000);
    await consumer.stop();
    await publisher.close();
    await broker.drop();
  });

  it('an unroutable event is rejected, and published when the topology is declared again', async () => {
    const broker = brokerUnderTest();
    const publisher = await createRabbitPublisher('order', broker, SIGNING_KEY, logger);
    const event = deliveredEvent(freshTenantId(), confirmed('ord_1', 1, 'prod_1'));
    await eventually(() => channelOf(publisher, 'rabbitmq').publish(event));
    const connection = await connect(broker.url);
    const amqpChannel = await connection.createChannel();
    for (const consumer of consumersOf(event.type)) await amqpChannel.deleteQueue(queueOf(broker.prefix, consumer));
    await expect(channelOf(publisher, 'rabbitmq').publish(event)).rejects.toThrow(EventRejected);
    await eventually(() => channelOf(publisher, 'rabbitmq').publish(event));
    await connection.close();
    await publisher.close();
    await broker.drop();
  });

  it('gets a dead-lettered message once more after a redrive', async () => {
    const broker = brokerUnderTest();
    const publisher = await createRabbitPublisher('order', broker, SIGNING_KEY, logger);
    const event = deliveredEvent(freshTenantId(), confirmed('ord_1', 1, 'prod_1'));
    const taken: string[] = [];
    const take: ProcessEvent<typeof productSales> = async (_consumer, { id }) => {
      taken.push(id);
      return 'applied';
    };
    // From a deployment with another key; the event itself is valid.
    const deaf = await consumeFromRabbit(broker, [productSales], take, 'another key of thirty-two letters', logger);
    await eventually(() => channelOf(publisher, 'rabbitmq').publish(event));
    const connection = await connect(broker.url);
    const amqpChannel = await connection.createChannel();
    const dead = deadQueueOf(broker.prefix, 'product.sales');
    await eventually(async () => expect((await amqpChannel.checkQueue(dead)).messageCount).toBe(1));
    await deaf.stop();
    expect(taken).toEqual([]);

    expect(await redriveBroker(broker)).toBe(1);
    expect(await redriveBroker(broker)).toBe(0);
    const consumer = await consumeFromRabbit(broker, [productSales], take, SIGNING_KEY, logger);
    await eventually(async () => expect(taken).toEqual([event.id]));
    await connection.close();
    await consumer.stop();
    await publisher.close();
    await broker.drop();
  });

  it('without a broker nothing is published, and no request waits for it', async () => {
    const publisher = await createRabbitPublisher(
      'order',
      { url: 'amqp://127.0.0.1:9', prefix: 'test_none.' },
      SIGNING_KEY,
      logger,
    );
    await expect(
      channelOf(publisher, 'rabbitmq').publish(deliveredEvent(freshTenantId(), confirmed('ord_1', 1, 'prod_1'))),
    ).rejects.toThrow(TransportDown);
    await publisher.close();
  });
});

onBroker('a consumer of RabbitMQ, and a publisher, whose connections end again and again', () => {
  // Debian's RabbitMQ 3.10 sometimes accepts no new connection, of whatever process, while the existing ones stay open: about once in
  // fifty connections that were opened and closed within seconds. Once they are closed, the test tries again.
  jest.retryTimes(3, { logErrorsBeforeRetry: true });

  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });

  it('get events that are published after their queue and the exchange were deleted', async () => {
    const broker = brokerUnderTest();
    const publisher = await createRabbitPublisher('order', broker, SIGNING_KEY, logger);
    open.push(publisher);
    const channel = channelOf(publisher, 'rabbitmq');
    const taken: string[] = [];
    const take: ProcessEvent<typeof productSales> = async (_consumer, { id }) => {
      taken.push(id);
      return 'applied';
    };
    const consumer = await consumeFromRabbit(broker, [productSales], take, SIGNING_KEY, logger);
    open.push({ close: () => consumer.stop() });
    const publish = async () => {
      const event = deliveredEvent(freshTenantId(), confirmed('ord_1', 1, 'prod_1'));
      await eventually(() => channel.publish(event));
      await eventually(async () => expect(taken).toContain(event.id));
    };
    await publish();
    const connection = await connect(broker.url, { timeout: 5_000 });
    open.push(connection);
    const amqpChannel = await connection.createChannel();
    await amqpChannel.deleteQueue(queueOf(broker.prefix, 'product.sales'));
    await eventually(async () => {
      const other = await connection.createChannel();
      other.on('error', () => {});
      await other.checkQueue(queueOf(broker.prefix, 'product.sales'));
    });
    await publish();
    // The broker closes the AMQP channel of a publisher whose exchange does not exist.
    await amqpChannel.deleteExchange(exchangeOf(broker.prefix));
    await publish();
    await broker.drop();
  }, 20_000);
});
