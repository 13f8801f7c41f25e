import type { ChannelModel } from 'amqplib';
import { keepConnected } from '../subgraphs/shared/events/rabbitConnection';
import { type Broker, exchangeOf } from '../subgraphs/shared/events/rabbitTopology';
import { GATEWAY_FAMILIES } from '../subgraphs/shared/events/subscriptions';
import type { Logger } from '../subgraphs/shared/log';

/**
 * Hears the tenant subgraph's events from RabbitMQ: each gateway has a queue of its own, which goes when it goes. What it misses
 * while it is not connected it has to expect: so it asks for everything anew when it is connected again.
 */
export async function listenToBroker(
  { url, prefix }: Broker,
  onStoreChanged: () => void,
  log: Logger,
): Promise<{ stop(): Promise<void> }> {
  const setUp = async (connection: ChannelModel) => {
    const channel = await connection.createChannel();
    const restart = () => void connection.close().catch(() => {});
    channel.on('error', () => {});
    channel.on('close', restart);
    await channel.assertExchange(exchangeOf(prefix), 'topic', { durable: true });
    const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
    for (const family of GATEWAY_FAMILIES) await channel.bindQueue(queue, exchangeOf(prefix), `${family}.#`);
    await channel.consume(queue, (message) => (message ? onStoreChanged() : restart()), { noAck: true });
    onStoreChanged();
  };
  const connection = await keepConnected(url, setUp, log);
  return { stop: () => connection.close() };
}
