import { connect } from 'amqplib';
import { createTestDatabase } from '../../../prisma/testDatabase';
import { readEnv } from '../../product/env';
import { startProductSubgraph } from '../../product/server';
import { startWebhookReceiver } from '../../tenant/test/webhookReceiver';
import { CALLER_HEADERS, serviceCaller, signCaller } from '../caller';
import { type DomainEvent, EVENT_CONTENT_TYPE } from '../events/domainEvent';
import { EVENT_SIGNATURE_HEADER } from '../events/eventSigner';
import { createHttpPublisher, EVENTS_PATH } from '../events/httpPublisher';
import { createRabbitPublisher } from '../events/rabbitPublisher';
import { deadQueueOf, exchangeOf } from '../events/rabbitTopology';
import type { EventChannel, EventPublisher } from '../events/transport';
import { createLogger } from '../log';
import { freshTenantId, SIGNING_KEY } from './askSubgraph';
import { brokerUnderTest } from './brokerUnderTest';
import { confirmed, deliveredEvent, eventually, type OutboxUnderTest, openOutbox } from './eventHarness';
import { startTcpProxy, type TcpProxy } from './tcpProxy';

const logger = createLogger('test', 'silent');

/** A message as it is sent. */
interface Message {
  tenantId: string;
  body: string;
  proof: string;
}

/** One of a publisher's channels. */
export function channelOf({ channels }: EventPublisher, name: string): EventChannel {
  const channel = channels.find((each) => each.name === name);
  if (!channel) throw new Error(`There is no channel ${name}`);
  return channel;
}

/** The order subgraph's outbox, one of the transports, and the product subgraph, which counts what was bought. */
export interface TransportEnv {
  outbox: OutboxUnderTest;
  /** Of the product subgraph's database. */
  ownerUrl: string;
  appUrl: string;
  publisher: EventPublisher;
  /** Between the publisher and its subscriber or broker. */
  proxy: TcpProxy;
  /** Publishes to the product subgraph. */
  publish(event: DomainEvent): Promise<void>;
  /** Sends a message as it is, and expects it to be refused. */
  sendRefused(message: Message): Promise<void>;
  close(): Promise<void>;
}

/** The order subgraph's outbox, and a database for the product subgraph. */
async function openDatabases() {
  const [outbox, { ownerUrl, appUrl, drop }] = await Promise.all([openOutbox(), createTestDatabase('product')]);
  const close = async () => {
    await drop();
    await outbox.close();
  };
  return { outbox, ownerUrl, appUrl, close };
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

/** A TransportEnv over signed HTTP requests. */
export async function overHttp(): Promise<TransportEnv> {
  const { close, ...shared } = await openDatabases();
  const product = await startProductSubgraph(productEnv(shared.appUrl));
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(product.url).port) });
  const origin = `http://127.0.0.1:${proxy.port}`;
  // A stand-in for the tenant subgraph: it accepts everything.
  const tenant = await startWebhookReceiver();
  const subscribers = [
    { name: 'product', origin },
    { name: 'tenant', origin: tenant.url },
  ] as const;
  const publisher = createHttpPublisher('order', subscribers, SIGNING_KEY, logger);
  return {
    ...shared,
    publisher,
    proxy,
    publish: channelOf(publisher, 'product').publish,
    sendRefused: async ({ tenantId, body, proof }) => {
      const signed = signCaller(serviceCaller(tenantId, 'test'), 'product', body, SIGNING_KEY);
      const headers = { 'content-type': EVENT_CONTENT_TYPE, [EVENT_SIGNATURE_HEADER]: proof, ...signed };
      const answer = await fetch(`${product.url}${EVENTS_PATH}`, { method: 'POST', headers, body });
      expect(answer.status).toBe(400);
    },
    close: async () => {
      await publisher.close();
      await product.stop();
      await tenant.close();
      await proxy.cut();
      await close();
    },
  };
}

/** A TransportEnv over the RabbitMQ of this machine. */
export async function overRabbit(): Promise<TransportEnv> {
  const { close, ...shared } = await openDatabases();
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: 5672 });
  const broker = brokerUnderTest(proxy.port);
  const direct = brokerUnderTest().url;
  const publisher = await createRabbitPublisher('order', broker, SIGNING_KEY, logger);
  const product = await startProductSubgraph(
    productEnv(shared.appUrl, { RABBITMQ_URL: direct, RABBITMQ_PREFIX: broker.prefix }),
  );
  // The topology is complete as soon as an event can be published.
  await eventually(() =>
    channelOf(publisher, 'rabbitmq').publish(deliveredEvent(freshTenantId(), confirmed('ord_1', 1, 'prod_1'))),
  );
  return {
    ...shared,
    publisher,
    proxy,
    publish: channelOf(publisher, 'rabbitmq').publish,
    sendRefused: async ({ tenantId, body, proof }) => {
      const connection = await connect(direct);
      const amqpChannel = await connection.createConfirmChannel();
      const headers = { [CALLER_HEADERS.tenantId]: tenantId, [EVENT_SIGNATURE_HEADER]: proof };
      amqpChannel.publish(exchangeOf(broker.prefix), 'order.confirmed', Buffer.from(body), { headers });
      await amqpChannel.waitForConfirms();
      try {
        await eventually(async () => {
          expect(await amqpChannel.get(deadQueueOf(broker.prefix, 'product.sales'), { noAck: true })).toBeTruthy();
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
      await close();
    },
  };
}
