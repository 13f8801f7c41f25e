import type { Channel, Options } from 'amqplib';
import { CONSUMERS, type ConsumerName, SUBSCRIPTIONS } from './subscriptions';

/** Where a broker is, and how the names of what is ours on it begin. */
export interface Broker {
  url: string;
  prefix: string;
}

/** How long a message rests that could not be taken in, its consumer's database being away. */
export const RETRY_MS = 2_000;
/** A message whose consumer was lost so often, without a word, is laid aside: it may be what ends the process. */
const MAX_DELIVERIES = 20;

export const exchangeOf = (prefix: string) => `${prefix}events`;
export const queueOf = (prefix: string, consumer: ConsumerName) => `${prefix}${consumer}`;
export const retryQueueOf = (prefix: string, consumer: ConsumerName) => `${prefix}${consumer}.retry`;
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
 * routing key, and for each consumer a queue of its own, one in which messages rest, and one for those that are laid aside.
 */
export async function declareTopology(channel: Channel, prefix: string): Promise<void> {
  await channel.assertExchange(exchangeOf(prefix), 'topic', { durable: true });
  for (const consumer of CONSUMERS) {
    const [queue, dead] = [queueOf(prefix, consumer), deadQueueOf(prefix, consumer)];
    await channel.assertQueue(dead, quorum());
    await channel.assertQueue(queue, quorum({ 'x-delivery-limit': MAX_DELIVERIES, ...handingOnTo(dead) }));
    await channel.assertQueue(
      retryQueueOf(prefix, consumer),
      quorum({ 'x-message-ttl': RETRY_MS, ...handingOnTo(queue) }),
    );
    for (const family of SUBSCRIPTIONS[consumer].families) {
      await channel.bindQueue(queue, exchangeOf(prefix), `${family}.#`);
    }
  }
}
