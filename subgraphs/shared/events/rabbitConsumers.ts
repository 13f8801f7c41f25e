import type { ChannelModel, ConfirmChannel, ConsumeMessage, RecoveringChannelModel } from 'amqplib';
import { CALLER_HEADERS } from '../caller';
import type { Logger } from '../log';
import { type DomainEvent, UnreadableEvent } from './domainEvent';
import { createEventSigner, EVENT_PROOF_HEADER, type EventSigner } from './eventSigner';
import type { ProcessingResult } from './inbox';
import type { AskAgain } from './missedEvents';
import { endWithChannel, keepConnected } from './rabbitConnection';
import { type Broker, deadQueueOf, declareTopology, QUEUE_BEGINS, queueOf, retryQueueOf } from './rabbitTopology';
import type { ConsumerName } from './subscriptions';

/** How many messages a consumer has in hand at once. */
const PREFETCH = 20;

/** Takes one event in. @throws when it is to be sent again. */
export type ProcessEvent<Consumer> = (consumer: Consumer, event: DomainEvent) => Promise<ProcessingResult>;

/**
 * Takes each consumer's queue in. A message is acknowledged after the transaction of its effect; one that can't be taken in
 * now rests for a moment in another queue; one that will never be right is laid aside. Whatever becomes of this process,
 * RabbitMQ hands what is not acknowledged to another. What was lost with a queue is asked for again.
 */
export async function consumeFromRabbit<Consumer extends { name: ConsumerName }>(
  { url, prefix }: Broker,
  consumers: readonly Consumer[],
  take: ProcessEvent<Consumer>,
  signingKey: string,
  logger: Logger,
  askAgain: AskAgain = async () => {},
): Promise<{ stop(): Promise<void> }> {
  const proof = createEventSigner(signingKey);
  const inHand = new Set<Promise<void>>();
  let stopConsuming = async () => {};

  const setUp = async (connection: ChannelModel) => {
    const channel = await connection.createConfirmChannel();
    const restart = endWithChannel(connection, channel);
    await declareTopology(connection, channel, prefix);
    await channel.prefetch(PREFETCH);
    const tags: string[] = [];
    for (const consumer of consumers) {
      const inOrder = oneAfterAnother();
      const { consumerTag } = await channel.consume(queueOf(prefix, consumer.name), (message) => {
        if (!message) {
          logger.error({ consumer: consumer.name }, 'its queue was deleted');
          return restart();
        }
        const handled = handle(channel, consumer, message, inOrder).catch((error: unknown) => {
          logger.warn({ err: error, consumer: consumer.name }, 'message not acknowledged: it comes again');
        });
        inHand.add(handled);
        void handled.finally(() => inHand.delete(handled));
      });
      tags.push(consumerTag);
    }
    stopConsuming = async () => {
      await Promise.all(tags.map((tag) => channel.cancel(tag).catch(() => {})));
    };
  };

  async function handle(
    channel: ConfirmChannel,
    consumer: Consumer,
    message: ConsumeMessage,
    inOrder: InOrder,
  ): Promise<void> {
    try {
      if (message.properties.type === QUEUE_BEGINS) {
        await askAgain(channel, consumer.name);
        return channel.ack(message);
      }
      const event = readMessage(message, proof);
      const key = `${event.tenantId} ${event.aggregateType} ${event.aggregateId}`;
      const outcome = await inOrder(key, () => take(consumer, event));
      logger.debug({ id: event.id, type: event.type, consumer: consumer.name, outcome }, 'event taken in');
    } catch (error) {
      const isUnreadable = error instanceof UnreadableEvent;
      logger[isUnreadable ? 'error' : 'warn']({ err: error, consumer: consumer.name }, 'message not taken in');
      const queue = isUnreadable ? deadQueueOf(prefix, consumer.name) : retryQueueOf(prefix, consumer.name);
      await moveTo(channel, queue, message, (error as Error).message);
    }
    channel.ack(message);
  }

  const connection: RecoveringChannelModel = await keepConnected(url, setUp, logger);
  return {
    stop: async () => {
      await stopConsuming();
      await Promise.allSettled(inHand);
      await connection.close();
    },
  };
}

/** @throws UnreadableEvent: see EventSigner.read. */
export const readMessage = ({ content, properties: { headers } }: ConsumeMessage, proof: EventSigner): DomainEvent =>
  proof.read(content.toString('utf8'), headers?.[CALLER_HEADERS.tenantId], headers?.[EVENT_PROOF_HEADER]);

/** Resolves when the message is safe in the other queue. */
function moveTo(channel: ConfirmChannel, queue: string, message: ConsumeMessage, reason: string): Promise<void> {
  const { messageId, contentType, headers, type } = message.properties;
  return new Promise((resolve, reject) => {
    channel.sendToQueue(
      queue,
      message.content,
      { persistent: true, messageId, contentType, type, headers: { ...headers, 'x-reason': reason.slice(0, 200) } },
      (error) => (error ? reject(error as Error) : resolve()),
    );
  });
}

type InOrder = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

/** Runs what has the same key one after another, and everything else beside it. */
function oneAfterAnother(): InOrder {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
