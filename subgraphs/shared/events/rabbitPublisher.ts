import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { type Audience, CALLER_HEADERS } from '../caller';
import type { Logger } from '../log';
import { type DomainEvent, EVENT_CONTENT_TYPE, writeEvent } from './domainEvent';
import { createEventSigner, EVENT_PROOF_HEADER } from './eventSigner';
import { endWithChannel, keepConnected } from './rabbitConnection';
import { type Broker, declareTopology, exchangeOf } from './rabbitTopology';
import { consumersOf } from './subscriptions';
import { type EventPublisher, EventRejected, sourceOf, TransportDown } from './transport';

const CONFIRM_TIMEOUT_MS = 10_000;

/**
 * Publishes to the topic exchange, each message kept on disk and confirmed by the broker. One that no queue takes, although it has
 * consumers, is not taken: somebody has undone the topology, and it is declared anew at the next connection.
 */
export async function createRabbitPublisher(
  subgraph: Audience,
  { url, prefix }: Broker,
  signingKey: string,
  logger: Logger,
): Promise<EventPublisher> {
  const proof = createEventSigner(signingKey);
  let channel: ConfirmChannel | null = null;
  let isBlocked = false;
  const unroutable = new Set<string>();

  const setUp = async (connection: ChannelModel) => {
    const opened = await connection.createConfirmChannel();
    endWithChannel(connection, opened);
    opened.on('return', ({ properties }) => unroutable.add(properties.messageId));
    opened.on('close', () => {
      if (channel === opened) channel = null;
    });
    await declareTopology(connection, opened, prefix);
    isBlocked = false;
    channel = opened;
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
      if (!channel || isBlocked) {
        reject(new TransportDown(isBlocked ? 'RabbitMQ takes nothing now' : 'there is no connection to RabbitMQ'));
        return;
      }
      const used = channel;
      const timer = setTimeout(() => {
        reject(new TransportDown('RabbitMQ does not confirm'));
        used.close().catch(() => {});
      }, CONFIRM_TIMEOUT_MS);
      const confirmed = (error: unknown) => {
        clearTimeout(timer);
        if (unroutable.delete(event.id)) {
          logger.error({ id: event.id, type: event.type }, 'no queue takes this event: is the topology whole?');
          used.close().catch(() => {});
          reject(new EventRejected('no queue takes it'));
        } else if (!error) resolve();
        else if (used === channel) reject(new EventRejected('RabbitMQ refuses it'));
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
              [EVENT_PROOF_HEADER]: proof.sign(subgraph, event.tenantId, body),
            },
          },
          confirmed,
        );
      } catch (error) {
        clearTimeout(timer);
        reject(new TransportDown(`the connection to RabbitMQ was lost: ${(error as Error).message}`));
      }
    });
  // The broker keeps who is to have what: one way for all.
  return { lanes: [{ name: 'rabbitmq', publish }], close: () => connection.close() };
}
