import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import { AUDIENCES, type Audience } from '../caller';
import { CONSUMERS, type ConsumerName, SUBSCRIPTIONS } from './subscriptions';

/** A RabbitMQ broker, and the prefix of our exchanges and queues on it. */
export interface Broker {
  url: string;
  prefix: string;
}

/** The `type` of the first message of a newly declared queue. It tells the consumer that an earlier queue, if any, was lost. */
export const QUEUE_BEGINS = 'queue.begins';
/** The delay before a message is delivered again that could not be processed because its consumer's database was down. */
const RETRY_MS = 2_000;
const NOT_FOUND = 404;
/** A message is dead-lettered after so many deliveries without acknowledgement, since it may crash its consumer. */
const MAX_DELIVERIES = 20;

export const exchangeOf = (prefix: string) => `${prefix}events`;
export const queueOf = (prefix: string, consumer: ConsumerName) => `${prefix}${consumer}`;
export const retryQueueOf = (prefix: string, consumer: ConsumerName) => `${prefix}${consumer}.retry`;
export const replaysExchangeOf = (prefix: string) => `${prefix}replays`;
export const replaysQueueOf = (prefix: string, subgraph: Audience) => `${prefix}${subgraph}.replays`;
export const deadQueueOf = (prefix: string, consumer: ConsumerName) => `${prefix}${consumer}.dead`;

/** Quorum queues, which survive the loss of a node in a cluster. */
const quorum = (more: Record<string, unknown> = {}): Options.AssertQueue => ({
  durable: true,
  arguments: { 'x-queue-type': 'quorum', ...more },
});

/** Dead-letters at least once: an expired message is removed after the other queue has confirmed it. */
const deadLetterTo = (queue: string) => ({
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': queue,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});

/**
 * Declares the whole topology; every process declares the same one, so any of them may connect first. It has a topic exchange, whose
 * routing key is the event type; a queue, a retry queue and a dead-letter queue for each consumer; and a queue of replay requests for
 * each subgraph. A new consumer queue begins with a QUEUE_BEGINS message.
 */
export async function declareTopology(
  connection: ChannelModel,
  amqpChannel: ConfirmChannel,
  prefix: string,
): Promise<void> {
  await amqpChannel.assertExchange(exchangeOf(prefix), 'topic', { durable: true });
  await amqpChannel.assertExchange(replaysExchangeOf(prefix), 'fanout', { durable: true });
  for (const subgraph of AUDIENCES) {
    await amqpChannel.assertQueue(replaysQueueOf(prefix, subgraph), quorum());
    await amqpChannel.bindQueue(replaysQueueOf(prefix, subgraph), replaysExchangeOf(prefix), '');
  }
  for (const consumer of CONSUMERS) {
    const [queue, dead] = [queueOf(prefix, consumer), deadQueueOf(prefix, consumer)];
    const isNew = !(await exists(connection, queue));
    await amqpChannel.assertQueue(dead, quorum());
    await amqpChannel.assertQueue(queue, quorum({ 'x-delivery-limit': MAX_DELIVERIES, ...deadLetterTo(dead) }));
    await amqpChannel.assertQueue(
      retryQueueOf(prefix, consumer),
      quorum({ 'x-message-ttl': RETRY_MS, ...deadLetterTo(queue) }),
    );
    for (const family of SUBSCRIPTIONS[consumer].families) {
      await amqpChannel.bindQueue(queue, exchangeOf(prefix), `${family}.#`);
    }
    if (isNew) amqpChannel.sendToQueue(queue, Buffer.alloc(0), { persistent: true, type: QUEUE_BEGINS });
  }
  await amqpChannel.waitForConfirms();
}

/** Uses its own AMQP channel, because the broker closes a channel on which a missing queue was checked. */
async function exists(connection: ChannelModel, queue: string): Promise<boolean> {
  const amqpChannel = await connection.createChannel();
  amqpChannel.on('error', () => {});
  try {
    await amqpChannel.checkQueue(queue);
    await amqpChannel.close();
    return true;
  } catch (error) {
    if ((error as { code?: number }).code === NOT_FOUND) return false;
    throw error;
  }
}
