import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { type Audience, CALLER_HEADERS } from '../caller';
import type { Secret } from '../hmac';
import type { Logger } from '../log';
import { type DomainEvent, EVENT_CONTENT_TYPE, writeEvent } from './domainEvent';
import { createEventSigner, EVENT_SIGNATURE_HEADER } from './eventSigner';
import { endWithAmqpChannel, keepConnected } from './rabbitConnection';
import { type Broker, declareTopology, exchangeOf } from './rabbitTopology';
import { consumersOf } from './subscriptions';
import { type EventPublisher, EventRejected, sourceOf, TransportDown } from './transport';

const CONFIRM_TIMEOUT_MS = 10_000;

/**
 * Publishes to the topic exchange; each message is persistent and confirmed by the broker. If a message is returned as unroutable
 * although its type has consumers, a queue or a binding was deleted: the event is rejected, and the next connection declares the
 * topology again.
 */
export async function createRabbitPublisher(
  subgraph: Audience,
  { url, prefix }: Broker,
  signingKey: Secret,
  logger: Logger,
): Promise<EventPublisher> {
  const signer = createEventSigner(signingKey);
  let amqpChannel: ConfirmChannel | null = null;
  let isBlocked = false;
  const unroutable = new Set<string>();

  const setUp = async (connection: ChannelModel) => {
    const opened = await connection.createConfirmChannel();
    endWithAmqpChannel(connection, opened);
    opened.on('return', ({ properties }) => unroutable.add(properties.messageId));
    opened.on('close', () => {
      if (amqpChannel === opened) amqpChannel = null;
    });
    await declareTopology(connection, opened, prefix);
    isBlocked = false;
    amqpChannel = opened;
  };
  const connection = await keepConnected(url, setUp, logger);
  connection.on('blocked', () => {
    isBlocked = true;
  });
  connection.on('unblocked', () => {
    isBlocked = false;
  });

  const publish = (event: DomainEvent): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!amqpChannel || isBlocked) {
        reject(new TransportDown(isBlocked ? 'RabbitMQ blocks publishers' : 'there is no connection to RabbitMQ'));
        return;
      }
      const used = amqpChannel;
      const timer = setTimeout(() => {
        reject(new TransportDown('RabbitMQ does not confirm'));
        used.close().catch(() => {});
      }, CONFIRM_TIMEOUT_MS);
      const confirmed = (error: unknown) => {
        clearTimeout(timer);
        if (unroutable.delete(event.id)) {
          logger.error({ id: event.id, type: event.type }, 'event is unroutable: a queue or a binding is missing');
          used.close().catch(() => {});
          reject(new EventRejected('it is unroutable'));
        } else if (!error) resolve();
        else if (used === amqpChannel) reject(new EventRejected('RabbitMQ refuses it'));
        else reject(new TransportDown('the connection to RabbitMQ was lost'));
      };
      try {
        const body = writeEvent(event, sourceOf(subgraph));
        used.publish(
          exchangeOf(prefix),
          event.type,
          Buffer.from(body),
          {
            persistent: true,
            mandatory: consumersOf(event.type).length > 0,
            messageId: event.id,
            contentType: EVENT_CONTENT_TYPE,
            headers: {
              [CALLER_HEADERS.tenantId]: event.tenantId,
              [EVENT_SIGNATURE_HEADER]: signer.sign(subgraph, event.tenantId, body),
            },
          },
          confirmed,
        );
      } catch (error) {
        clearTimeout(timer);
        reject(new TransportDown(`the connection to RabbitMQ was lost: ${(error as Error).message}`));
      }
    });
  // One channel for all subscribers, since the broker routes messages to them.
  return { channels: [{ name: 'rabbitmq', publish }], close: () => connection.close() };
}
