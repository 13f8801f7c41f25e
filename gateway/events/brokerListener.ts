import type { ChannelModel, ConsumeMessage } from 'amqplib';
import { createEventSigner } from '../../subgraphs/shared/events/eventSigner';
import { endWithAmqpChannel, keepConnected } from '../../subgraphs/shared/events/rabbitConnection';
import { readMessage } from '../../subgraphs/shared/events/rabbitConsumers';
import { type Broker, exchangeOf } from '../../subgraphs/shared/events/rabbitTopology';
import { GATEWAY_FAMILIES } from '../../subgraphs/shared/events/subscriptions';
import type { Secret } from '../../subgraphs/shared/hmac';
import type { Logger } from '../../subgraphs/shared/log';

/**
 * Subscribes to the tenant subgraph's events in RabbitMQ. Each gateway has an exclusive queue, which is deleted when its connection ends.
 * Events may be missed until it reconnects, so each connect invalidates the caches.
 */
export async function listenToBroker(
  { url, prefix }: Broker,
  signingKey: Secret,
  onStoreChanged: () => void,
  log: Logger,
): Promise<{ stop(): Promise<void> }> {
  const proof = createEventSigner(signingKey);
  const receive = (message: ConsumeMessage) => {
    try {
      const { id, type } = readMessage(message, proof);
      onStoreChanged();
      log.debug({ id, type }, 'caches of stores and members are invalidated');
    } catch (error) {
      log.warn({ reason: (error as Error).message }, 'event refused');
    }
  };
  const setUp = async (connection: ChannelModel) => {
    const channel = await connection.createChannel();
    const restart = endWithAmqpChannel(connection, channel);
    await channel.assertExchange(exchangeOf(prefix), 'topic', { durable: true });
    const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
    for (const family of GATEWAY_FAMILIES) await channel.bindQueue(queue, exchangeOf(prefix), `${family}.#`);
    await channel.consume(queue, (message) => (message ? receive(message) : restart()), { noAck: true });
    onStoreChanged();
  };
  const connection = await keepConnected(url, setUp, log);
  return { stop: () => connection.close() };
}
