import { connect } from 'amqplib';
import { CALLER_HEADERS } from '../../subgraphs/shared/caller';
import { writeEvent } from '../../subgraphs/shared/events/domainEvent';
import { createEventSigner, EVENT_SIGNATURE_HEADER } from '../../subgraphs/shared/events/eventSigner';
import { createRabbitPublisher } from '../../subgraphs/shared/events/rabbitPublisher';
import { exchangeOf } from '../../subgraphs/shared/events/rabbitTopology';
import { createLogger } from '../../subgraphs/shared/log';
import { freshTenantId, SIGNING_KEY } from '../../subgraphs/shared/test/askSubgraph';
import { brokerUnderTest, hasBroker } from '../../subgraphs/shared/test/brokerUnderTest';
import { confirmed, deliveredEvent, eventually } from '../../subgraphs/shared/test/eventHarness';
import { startTcpProxy } from '../../subgraphs/shared/test/tcpProxy';
import { channelOf } from '../../subgraphs/shared/test/transportEnvs';
import { listenToBroker } from './brokerListener';

const logger = createLogger('test', 'silent');

(hasBroker() ? describe : describe.skip)('the gateway’s ear at RabbitMQ', () => {
  it('invalidates the caches on events of the tenant subgraph only, and after each reconnect', async () => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: 5672 });
    const broker = brokerUnderTest();
    const url = new URL(broker.url);
    url.port = String(proxy.port);
    let changes = 0;
    const changed = () => {
      changes += 1;
    };
    const listener = await listenToBroker({ ...broker, url: url.href }, SIGNING_KEY, changed, logger);
    const publisher = await createRabbitPublisher('tenant', broker, SIGNING_KEY, logger);
    const eventChannel = channelOf(publisher, 'rabbitmq');
    await eventually(async () => expect(changes).toBe(1));

    const suspended = { type: 'tenant.suspended' as const, aggregateId: 'org_1', data: { by: 'STORE' as const } };
    const event = deliveredEvent(freshTenantId(), { ...suspended, aggregateVersion: 2 }, { aggregateType: 'tenant' });
    const forged = await connect(broker.url);
    const channel = await forged.createConfirmChannel();
    const body = writeEvent(event, '/subgraphs/tenant');
    for (const proof of ['', createEventSigner(SIGNING_KEY).sign('order', event.tenantId, body)]) {
      const headers = { [CALLER_HEADERS.tenantId]: event.tenantId, [EVENT_SIGNATURE_HEADER]: proof };
      channel.publish(exchangeOf(broker.prefix), event.type, Buffer.from(body), { headers });
    }
    await channel.waitForConfirms();
    await forged.close();
    // An order's event does not concern it.
    await eventually(() => eventChannel.publish(deliveredEvent(event.tenantId, confirmed('ord_1', 1, 'prod_1'))));
    await eventually(() => eventChannel.publish(event));
    await eventually(async () => expect(changes).toBe(2));

    await proxy.cut();
    await eventChannel.publish(event);
    await proxy.open();
    await eventually(async () => expect(changes).toBe(3));
    await eventually(() => eventChannel.publish(event));
    await eventually(async () => expect(changes).toBe(4));
    await listener.stop();
    await publisher.close();
    await proxy.cut();
    await broker.drop();
  }, 60_000);
});
