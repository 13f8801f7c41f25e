import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import { AUDIENCES, type Audience } from '../caller';
import { CONSUMERS, type ConsumerName, SUBSCRIPTIONS } from './subscriptions';

/** Where a broker is, and how the names of what is ours on it begin. */
export interface Broker {
  url: string;
  prefix: string;
}

/** The `type` of the message that is the first in a queue: whoever finds it knows that what there was before is lost. */
export const QUEUE_BEGINS = 'queue.begins';
/** How long a message rests that could not be taken in, its consumer's database being away. */
export const RETRY_MS = 2_000;
const NOT_FOUND = 404;
/** A message whose consumer was lost so often, without a word, is laid aside: it may be what ends the process. */
const MAX_DELIVERIES = 20;

export const exchangeOf = (prefix: string) => `${prefix}events`;
export const queueOf = (prefix: string, consumer: ConsumerName) => `${prefix}${consumer}`;
export const retryQueueOf = (prefix: string, consumer: ConsumerName) => `${prefix}${consumer}.retry`;
export const replaysExchangeOf = (prefix: string) => `${prefix}replays`;
export const replaysQueueOf = (prefix: string, subgraph: Audience) => `${prefix}${subgraph}.replays`;
export const deadQueueOf = (prefix: string, consumer: ConsumerName) => `${prefix}${consumer}.dead`;

/** Quorum queues: on a cluster they survive the loss of a node. */
const quorum = (more: Record<string, unknown> = {}): Options.AssertQueue => ({
  durable: true,
  arguments: { 'x-queue-type': 'quorum', ...more },
});

/** What it hands on when its time has come arrives before it is gone here. */
const handingOnTo = (queue: string) => ({
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': queue,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});

/**
 * Declares all that events need, the same from whoever connects first: one topic exchange, where an event's type is its
 * routing key, and for each consumer a queue of its own, one in which messages rest, and one for those that are laid aside; and for each
 * subgraph a queue of what it is asked to publish again. A consumer's queue that was not there begins with QUEUE_BEGINS.
 */
export async function declareTopology(
  connection: ChannelModel,
  channel: ConfirmChannel,
  prefix: string,
): Promise<void> {
  await channel.assertExchange(exchangeOf(prefix), 'topic', { durable: true });
  await channel.assertExchange(replaysExchangeOf(prefix), 'fanout', { durable: true });
  for (const subgraph of AUDIENCES) {
    await channel.assertQueue(replaysQueueOf(prefix, subgraph), quorum());
    await channel.bindQueue(replaysQueueOf(prefix, subgraph), replaysExchangeOf(prefix), '');
  }
  for (const consumer of CONSUMERS) {
    const [queue, dead] = [queueOf(prefix, consumer), deadQueueOf(prefix, consumer)];
    const isNew = !(await exists(connection, queue));
    await channel.assertQueue(dead, quorum());
    await channel.assertQueue(queue, quorum({ 'x-delivery-limit': MAX_DELIVERIES, ...handingOnTo(dead) }));
    await channel.assertQueue(
      retryQueueOf(prefix, consumer),
      quorum({ 'x-message-ttl': RETRY_MS, ...handingOnTo(queue) }),
    );
    for (const family of SUBSCRIPTIONS[consumer].families) {
      await channel.bindQueue(queue, exchangeOf(prefix), `${family}.#`);
    }
    if (isNew) channel.sendToQueue(queue, Buffer.alloc(0), { persistent: true, type: QUEUE_BEGINS });
  }
  await channel.waitForConfirms();
}

/** Asked on a channel of its own: the broker closes the one on which a queue was asked for that there is not. */
async function exists(connection: ChannelModel, queue: string): Promise<boolean> {
  const channel = await connection.createChannel();
  channel.on('error', () => {});
  try {
    await channel.checkQueue(queue);
    await channel.close();
    return true;
  } catch (error) {
    if ((error as { code?: number }).code === NOT_FOUND) return false;
    throw error;
  }
}
