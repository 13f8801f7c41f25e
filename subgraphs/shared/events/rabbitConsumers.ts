import type { ChannelModel, ConfirmChannel, ConsumeMessage, RecoveringChannelModel } from 'amqplib';
import { CALLER_HEADERS } from '../caller';
import type { Secret } from '../hmac';
import type { Logger } from '../log';
import { type DomainEvent, UnreadableEvent } from './domainEvent';
import { createEventSigner, EVENT_SIGNATURE_HEADER, type EventSigner } from './eventSigner';
import type { ProcessingResult } from './inbox';
import { endWithAmqpChannel, keepConnected } from './rabbitConnection';
import { type Broker, deadQueueOf, declareTopology, QUEUE_BEGINS, queueOf, retryQueueOf } from './rabbitTopology';
import type { RequestReplay } from './replayRequests';
import type { ConsumerName } from './subscriptions';

/** The most unacknowledged messages of a consumer. */
const PREFETCH = 20;

/** @throws when the event has to be delivered again. */
export type ProcessEvent<Consumer> = (consumer: Consumer, event: DomainEvent) => Promise<ProcessingResult>;

/**
 * Consumes each consumer's queue. A message is acknowledged after the transaction of its effect has committed. A message that can't be
 * processed now moves to the retry queue; one that a retry can't help is dead-lettered. RabbitMQ redelivers unacknowledged messages to
 * another process. When a queue was lost, a replay of its messages is requested.
 */
export async function consumeFromRabbit<Consumer extends { name: ConsumerName }>(
  { url, prefix }: Broker,
  consumers: readonly Consumer[],
  process: ProcessEvent<Consumer>,
  signingKey: Secret,
  logger: Logger,
  requestReplay: RequestReplay = async () => {},
): Promise<{ stop(): Promise<void> }> {
  const signer = createEventSigner(signingKey);
  const inFlight = new Set<Promise<void>>();
  let stopConsuming = async () => {};

  const setUp = async (connection: ChannelModel) => {
    const amqpChannel = await connection.createConfirmChannel();
    const restart = endWithAmqpChannel(connection, amqpChannel);
    await declareTopology(connection, amqpChannel, prefix);
    await amqpChannel.prefetch(PREFETCH);
    const tags: string[] = [];
    for (const consumer of consumers) {
      const queue: Queue = { begun: Promise.resolve(), inOrder: createSerializer() };
      const { consumerTag } = await amqpChannel.consume(queueOf(prefix, consumer.name), (message) => {
        if (!message) {
          logger.error({ consumer: consumer.name }, 'its queue was deleted');
          return restart();
        }
        const handled = handle(amqpChannel, consumer, message, queue).catch((error: unknown) => {
          logger.warn({ err: error, consumer: consumer.name }, 'message not acknowledged: it is delivered again');
        });
        inFlight.add(handled);
        void handled.finally(() => inFlight.delete(handled));
      });
      tags.push(consumerTag);
    }
    stopConsuming = async () => {
      await Promise.all(tags.map((tag) => amqpChannel.cancel(tag).catch(() => {})));
    };
  };

  async function handle(
    amqpChannel: ConfirmChannel,
    consumer: Consumer,
    message: ConsumeMessage,
    queue: Queue,
  ): Promise<void> {
    try {
      if (message.properties.type === QUEUE_BEGINS) {
        const requested = requestReplay(amqpChannel, consumer.name);
        queue.begun = requested.catch(() => {});
        await requested;
        return amqpChannel.ack(message);
      }
      await queue.begun;
      const event = readMessage(message, signer);
      const key = `${event.tenantId} ${event.aggregateType} ${event.aggregateId}`;
      const outcome = await queue.inOrder(key, () => process(consumer, event));
      logger.debug({ id: event.id, type: event.type, consumer: consumer.name, outcome }, 'event processed');
    } catch (error) {
      const isUnreadable = error instanceof UnreadableEvent;
      logger[isUnreadable ? 'error' : 'warn']({ err: error, consumer: consumer.name }, 'message not processed');
      const other = isUnreadable ? deadQueueOf(prefix, consumer.name) : retryQueueOf(prefix, consumer.name);
      await moveTo(amqpChannel, other, message, (error as Error).message);
    }
    amqpChannel.ack(message);
  }

  const connection: RecoveringChannelModel = await keepConnected(url, setUp, logger);
  return {
    stop: async () => {
      await stopConsuming();
      await Promise.allSettled(inFlight);
      await connection.close();
    },
  };
}

interface Queue {
  /** Settled when a replay was requested, if there is anything to replay: an event processed before would look like one from before the loss. */
  begun: Promise<void>;
  inOrder: InOrder;
}

/** @throws UnreadableEvent: see EventSigner.read. */
export const readMessage = ({ content, properties: { headers } }: ConsumeMessage, signer: EventSigner): DomainEvent =>
  signer.read(content.toString('utf8'), headers?.[CALLER_HEADERS.tenantId], headers?.[EVENT_SIGNATURE_HEADER]);

/** Resolves when the broker has confirmed the message in the other queue. */
function moveTo(amqpChannel: ConfirmChannel, queue: string, message: ConsumeMessage, reason: string): Promise<void> {
  const { messageId, contentType, headers, type } = message.properties;
  return new Promise((resolve, reject) => {
    amqpChannel.sendToQueue(
      queue,
      message.content,
      { persistent: true, messageId, contentType, type, headers: { ...headers, 'x-reason': reason.slice(0, 200) } },
      (error) => (error ? reject(error as Error) : resolve()),
    );
  });
}

type InOrder = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

/** Serializes work with the same key; work with different keys runs concurrently. */
function createSerializer(): InOrder {
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
