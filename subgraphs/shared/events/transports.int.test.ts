import { connect } from 'amqplib';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { openProductDatabase } from '../../product/database';
import { readEnv } from '../../product/env';
import { productSales } from '../../product/sales/productSales.consumer';
import { startProductSubgraph } from '../../product/server';
import { startWebhookReceiver } from '../../tenant/test/webhookReceiver';
import { CALLER_HEADERS, serviceCaller, signCaller } from '../caller';
import { createLogger } from '../log';
import { freshTenantId, SIGNING_KEY } from '../test/askSubgraph';
import { asOwner } from '../test/asOwner';
import { brokerUnderTest, hasBroker } from '../test/brokerUnderTest';
import { canceled, confirmed, eventually, type OutboxUnderTest, openOutbox, told } from '../test/eventHarness';
import { startTcpProxy, type TcpProxy } from '../test/tcpProxy';
import { type DomainEvent, EVENT_CONTENT_TYPE, writeEvent } from './domainEvent';
import { createHttpPublisher, EVENTS_PATH } from './httpPublisher';
import { takeIn } from './inbox';
import { startOutboxRelay } from './outboxRelay';
import { consumeFromRabbit, type TakeIn } from './rabbitConsumers';
import { createRabbitPublisher } from './rabbitPublisher';
import { deadQueueOf, exchangeOf, queueOf } from './rabbitTopology';
import { replay, resetConsumer } from './replay';
import { consumersOf } from './subscriptions';
import { type EventPublisher, NotTaken, TransportDown } from './transport';

const logger = createLogger('test', 'silent');

/** The order subgraph's outbox, one of the transports, and the product subgraph, which counts what is bought. */
interface World {
  outbox: OutboxUnderTest;
  /** Of the product subgraph's database. */
  ownerUrl: string;
  appUrl: string;
  publisher: EventPublisher;
  /** The publisher's way to whoever takes events from it. */
  proxy: TcpProxy;
  /** Sends an event, whatever it says, for `tenantId`. */
  sendAs(tenantId: string, event: DomainEvent): Promise<void>;
  close(): Promise<void>;
}

const productEnv = (appUrl: string, more: Record<string, string> = {}) =>
  readEnv({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PRODUCT_PORT: '0',
    PRODUCT_DATABASE_URL: appUrl,
    CALLER_SIGNING_KEY: SIGNING_KEY,
    ...more,
  });

async function overHttp(): Promise<World> {
  const [outbox, database] = await Promise.all([openOutbox(), createTestDatabase('product')]);
  const product = await startProductSubgraph(productEnv(database.appUrl));
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(product.url).port) });
  const origin = `http://127.0.0.1:${proxy.port}`;
  // Not the tenant subgraph itself: it takes everything.
  const tenant = await startWebhookReceiver();
  const subscribers = [
    { name: 'product', origin },
    { name: 'tenant', origin: tenant.url },
  ] as const;
  const publisher = createHttpPublisher('order', subscribers, SIGNING_KEY, logger);
  return {
    outbox,
    ownerUrl: database.ownerUrl,
    appUrl: database.appUrl,
    publisher,
    proxy,
    sendAs: async (tenantId, event) => {
      const body = writeEvent(event, '/subgraphs/order');
      const signed = signCaller(serviceCaller(tenantId, 'test'), 'product', body, SIGNING_KEY);
      const headers = { 'content-type': EVENT_CONTENT_TYPE, ...signed };
      const answer = await fetch(`${product.url}${EVENTS_PATH}`, { method: 'POST', headers, body });
      expect(answer.status).toBe(400);
    },
    close: async () => {
      await publisher.close();
      await product.stop();
      await tenant.close();
      await proxy.cut();
      await database.drop();
      await outbox.close();
    },
  };
}

async function overRabbit(): Promise<World> {
  const [outbox, database] = await Promise.all([openOutbox(), createTestDatabase('product')]);
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: 5672 });
  const broker = brokerUnderTest(proxy.port);
  const direct = brokerUnderTest().url;
  const publisher = await createRabbitPublisher('order', broker, logger);
  const product = await startProductSubgraph(
    productEnv(database.appUrl, { RABBITMQ_URL: direct, RABBITMQ_PREFIX: broker.prefix }),
  );
  // The topology is whole as soon as it takes an event.
  await eventually(() => publisher.publish(told(freshTenantId(), confirmed('ord_1', 1, 'prod_1'))));
  return {
    outbox,
    ownerUrl: database.ownerUrl,
    appUrl: database.appUrl,
    publisher,
    proxy,
    sendAs: async (tenantId, event) => {
      const connection = await connect(direct);
      const channel = await connection.createConfirmChannel();
      const headers = { [CALLER_HEADERS.tenantId]: tenantId };
      channel.publish(exchangeOf(broker.prefix), event.type, Buffer.from(writeEvent(event, 'test')), { headers });
      await channel.waitForConfirms();
      try {
        await eventually(async () => {
          expect(await channel.get(deadQueueOf(broker.prefix, 'product.sales'), { noAck: true })).toBeTruthy();
        });
      } finally {
        await connection.close();
      }
    },
    close: async () => {
      await publisher.close();
      await product.stop();
      await proxy.cut();
      await broker.drop();
      await database.drop();
      await outbox.close();
    },
  };
}

const onBroker = hasBroker() ? describe : describe.skip;

for (const [title, open, on] of [
  ['over signed HTTP', overHttp, describe],
  ['over RabbitMQ (Debian’s rabbitmq-server, listening at 127.0.0.1:5672)', overRabbit, onBroker],
] as const) {
  on(`events ${title}`, () => {
    let world: World;

    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const soldIn = async (tenantId: string) => {
      const rows = await asOwner<{ id: string; sold: number }>(
        world.ownerUrl,
        tenantId,
        'SELECT product_id AS id, sold_quantity::int AS sold FROM product_sales WHERE tenant_id = $1',
        [tenantId],
      );
      return Object.fromEntries(rows.map(({ id, sold }) => [id, sold]));
    };
    const inboxOf = (tenantId: string) =>
      asOwner<{ status: string }>(
        world.ownerUrl,
        tenantId,
        'SELECT status FROM inbox_events WHERE tenant_id = $1 ORDER BY status',
        [tenantId],
      );
    /** Publishes as soon as there is a connection. */
    const publish = (event: DomainEvent) =>
      eventually(async () => {
        await world.publisher.publish(event);
      });

    it('refuses an event that says it is another store’s than it was sent for, and keeps nothing of it', async () => {
      const [tenantId, other] = [freshTenantId(), freshTenantId()];
      await world.sendAs(other, told(tenantId, confirmed('ord_1', 1, 'prod_1')));
      for (const id of [tenantId, other]) {
        expect(await soldIn(id)).toEqual({});
        expect(await inboxOf(id)).toEqual([]);
      }
    });

    it('parks what it does not understand, keeps what fails, and lets others pass', async () => {
      const tenantId = freshTenantId();
      await publish(told(tenantId, confirmed('ord_1', 1, 'prod_1'), { type: 'order.teleported' }));
      await publish(told(tenantId, confirmed('ord_2', 1, 'prod_1'), { dataVersion: 99 }));
      await publish(told(tenantId, confirmed('ord_3', 1, 'prod_1'), { data: { number: 0 } }));
      await publish(told(tenantId, confirmed('ord_4', 1, 'prod_1')));
      await eventually(async () => {
        const statuses = (await inboxOf(tenantId)).map(({ status }) => status);
        expect(statuses).toEqual(['APPLIED', 'WAITING', 'PARKED', 'PARKED']);
      });
      expect(await soldIn(tenantId)).toEqual({ prod_1: 1 });
    });

    it('counts what comes ten times once', async () => {
      const tenantId = freshTenantId();
      const event = told(tenantId, confirmed('ord_1', 1, 'prod_1', 3));
      await Promise.all(Array.from({ length: 10 }, () => publish(event)));
      await publish(told(tenantId, confirmed('ord_2', 1, 'prod_2')));
      await eventually(async () => expect(await soldIn(tenantId)).toEqual({ prod_1: 3, prod_2: 1 }));
      expect(await inboxOf(tenantId)).toHaveLength(2);
    });

    it('counts right whatever comes first', async () => {
      const tenantId = freshTenantId();
      await publish(told(tenantId, canceled('ord_1', 3, 'prod_1', 2), { previousVersion: 2 }));
      await publish(told(tenantId, confirmed('ord_1', 2, 'prod_1', 2)));
      await eventually(async () => {
        expect(await inboxOf(tenantId)).toEqual([{ status: 'APPLIED' }, { status: 'APPLIED' }]);
      });
      expect(await soldIn(tenantId)).toEqual({ prod_1: 0 });
    });

    it('makes a read model anew of a replay, and changes none that has the events', async () => {
      const tenantId = freshTenantId();
      const { db, record } = world.outbox;
      const relay = startOutboxRelay(db, world.publisher, logger);
      try {
        await record(tenantId, [confirmed('ord_1', 1, 'prod_1', 5), canceled('ord_1', 2, 'prod_1', 2)]);
        relay.ring();
        await eventually(async () => expect(await soldIn(tenantId)).toEqual({ prod_1: 3 }));
        await eventually(async () => {
          expect((await world.outbox.rowsOf(tenantId)).map(({ status }) => status)).toEqual(['PUBLISHED', 'PUBLISHED']);
        });
        const all = { tenantId, since: new Date(0), types: ['order.confirmed', 'order.canceled'] as const };
        const product = await openProductDatabase(world.appUrl, 2);
        await asOwner(world.ownerUrl, tenantId, 'UPDATE product_sales SET sold_quantity = 77 WHERE tenant_id = $1', [
          tenantId,
        ]);
        expect(await replay(db, all)).toBe(2);
        relay.ring();
        await eventually(async () => {
          expect((await world.outbox.rowsOf(tenantId)).map(({ status }) => status)).toEqual(['PUBLISHED', 'PUBLISHED']);
        });
        expect(await soldIn(tenantId)).toEqual({ prod_1: 77 });

        await resetConsumer(product.db, productSales, tenantId);
        await product.close();
        expect(await replay(db, { ...all, since: new Date(Date.now() + 60_000) })).toBe(0);
        expect(await replay(db, all)).toBe(2);
        relay.ring();
        await eventually(async () => expect(await soldIn(tenantId)).toEqual({ prod_1: 3 }));
      } finally {
        await relay.stop();
      }
    });

    it('loses nothing while the way is cut under load, counts each once, and lets everybody write meanwhile', async () => {
      const tenants = [freshTenantId(), freshTenantId()];
      const relay = startOutboxRelay(world.outbox.db, world.publisher, logger);
      const sell = async (from: number, to: number) => {
        for (let order = from; order < to; order += 1) {
          for (const tenantId of tenants) {
            await world.outbox.record(tenantId, [
              confirmed(`ord_${order}`, 1, 'prod_1', 2),
              canceled(`ord_${order}`, 2, 'prod_1', 1),
            ]);
          }
          relay.ring();
        }
      };
      try {
        await sell(0, 10);
        await world.proxy.cut();
        await sell(10, 20);
        await world.proxy.open();
        await sell(20, 30);
        await eventually(async () => {
          for (const tenantId of tenants) {
            expect(await soldIn(tenantId)).toEqual({ prod_1: 30 });
            expect(await inboxOf(tenantId)).toEqual(Array(60).fill({ status: 'APPLIED' }));
          }
        });
      } finally {
        await relay.stop();
      }
    });
  });
}

onBroker('a consumer of RabbitMQ (Debian’s rabbitmq-server, listening at 127.0.0.1:5672)', () => {
  let database: TestDatabase;
  let product: Awaited<ReturnType<typeof openProductDatabase>>;

  beforeAll(async () => {
    database = await createTestDatabase('product');
    product = await openProductDatabase(database.appUrl, 5);
  });
  afterAll(async () => {
    await product.close();
    await database.drop();
  });

  it.each<[string, (loseConnection: () => Promise<void>) => TakeIn<typeof productSales>]>([
    [
      'after its effect and before it said so',
      (loseConnection) => async (_consumer, event) => {
        const outcome = await takeIn(product.db, productSales, event);
        await loseConnection();
        return outcome;
      },
    ],
    [
      'before its effect',
      (loseConnection) => async (_consumer, event) => {
        await loseConnection();
        return takeIn(product.db, productSales, event);
      },
    ],
  ])('that is lost %s gets the event again, with one effect', async (_when, takeWith) => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: 5672 });
    const broker = brokerUnderTest();
    const publisher = await createRabbitPublisher('order', broker, logger);
    let deliveries = 0;
    const take = takeWith(async () => {
      deliveries += 1;
      if (deliveries > 1) return;
      await proxy.cut();
      await proxy.open();
    });
    const url = new URL(broker.url);
    url.port = String(proxy.port);
    const consumer = await consumeFromRabbit({ ...broker, url: url.href }, [productSales], take, logger);
    const tenantId = freshTenantId();
    await eventually(() => publisher.publish(told(tenantId, confirmed('ord_1', 1, 'prod_1', 3))));
    await eventually(async () => expect(deliveries).toBe(2));
    await consumer.stop();
    const rows = await asOwner(database.ownerUrl, tenantId, 'SELECT sold_quantity::int AS sold FROM product_sales');
    expect(rows).toEqual([{ sold: 3 }]);
    await publisher.close();
    await proxy.cut();
    await broker.drop();
  });

  it('takes a message in again, after a moment, that it could not take in', async () => {
    const broker = brokerUnderTest();
    const publisher = await createRabbitPublisher('order', broker, logger);
    const times: number[] = [];
    const consumer = await consumeFromRabbit(
      broker,
      [productSales],
      async () => {
        times.push(performance.now());
        if (times.length === 1) throw new Error('the database is away');
        return 'applied';
      },
      logger,
    );
    await eventually(() => publisher.publish(told(freshTenantId(), confirmed('ord_1', 1, 'prod_1'))));
    await eventually(async () => expect(times).toHaveLength(2));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_000);
    await consumer.stop();
    await publisher.close();
    await broker.drop();
  });

  it('an event that no queue takes is not taken, and is when the topology is there again', async () => {
    const broker = brokerUnderTest();
    const publisher = await createRabbitPublisher('order', broker, logger);
    const event = told(freshTenantId(), confirmed('ord_1', 1, 'prod_1'));
    await eventually(() => publisher.publish(event));
    const connection = await connect(broker.url);
    const channel = await connection.createChannel();
    for (const consumer of consumersOf(event.type)) await channel.deleteQueue(queueOf(broker.prefix, consumer));
    await expect(publisher.publish(event)).rejects.toThrow(NotTaken);
    await eventually(() => publisher.publish(event));
    await connection.close();
    await publisher.close();
    await broker.drop();
  });

  it('without a broker nothing is taken, and nobody waits for it', async () => {
    const publisher = await createRabbitPublisher('order', { url: 'amqp://127.0.0.1:9', prefix: 'test_none.' }, logger);
    await expect(publisher.publish(told(freshTenantId(), confirmed('ord_1', 1, 'prod_1')))).rejects.toThrow(
      TransportDown,
    );
    await publisher.close();
  });
});
