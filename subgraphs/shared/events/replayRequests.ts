import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { Counter, type Registry } from 'prom-client';
import { z } from 'zod';
import type { Audience } from '../caller';
import type { Logger } from '../log';
import { runInScope } from '../scope';
import { EVENT_CATALOG } from './eventCatalog';
import type { Statements } from './eventDatabase';
import { endWithAmqpChannel, keepConnected } from './rabbitConnection';
import { type Broker, declareTopology, replaysExchangeOf, replaysQueueOf } from './rabbitTopology';
import { replay } from './replay';
import { CONSUMERS, type ConsumerName, typesFor } from './subscriptions';

/** A request by a consumer whose queue was lost: the events since that time. */
const request = z.object({ consumer: z.enum(CONSUMERS), since: z.coerce.date() });

/** Called when the consumer's queue was newly declared: requests a replay of the events that the consumer has missed, if any. */
export type RequestReplay = (amqpChannel: ConfirmChannel, consumer: ConsumerName) => Promise<void>;

/**
 * Lets a consumer ask all subgraphs to publish again the events that were in its lost queue, or were published while there was no queue.
 * A consumer that has never processed an event has lost none. event_queues_lost_total counts lost queues, for operators' alerts.
 */
export function createReplayRequests(
  db: Statements,
  { prefix }: Broker,
  metrics: Registry,
  logger: Logger,
): RequestReplay {
  const lost = new Counter({
    name: 'event_queues_lost_total',
    help: 'Queues that were lost from RabbitMQ with their messages, and whose events were replayed',
    labelNames: ['consumer'],
    registers: [metrics],
  });
  return async (amqpChannel, consumer) => {
    const since = await missedSince(db, consumer);
    if (!since) return;
    lost.inc({ consumer });
    logger.error({ consumer, since }, 'a queue was lost with its messages: a replay is requested');
    amqpChannel.publish(replaysExchangeOf(prefix), '', Buffer.from(JSON.stringify({ consumer, since })), {
      persistent: true,
    });
    await amqpChannel.waitForConfirms();
  };
}

/** A day before the last event was processed, since messages in a queue may be a day old. @returns null when no event was ever processed. */
async function missedSince(db: Statements, consumer: ConsumerName): Promise<Date | null> {
  const [row] = await runInScope(
    { task: 'missed_events' },
    () => db.$queryRaw<{ since: Date | null }[]>`
      SELECT max(received_at) - interval '1 day' AS since FROM inbox_events
      WHERE consumer = ${consumer} AND status = 'APPLIED'`,
  );
  return row?.since ?? null;
}

/**
 * Publishes this subgraph's events again for consumers that request it. Consumers ignore events that they have processed before, so a
 * forged request causes work and nothing else.
 */
export async function answerReplayRequests(
  { url, prefix }: Broker,
  subgraph: Audience,
  db: Statements,
  logger: Logger,
): Promise<{ stop(): Promise<void> }> {
  const setUp = async (connection: ChannelModel) => {
    const amqpChannel = await connection.createConfirmChannel();
    const restart = endWithAmqpChannel(connection, amqpChannel);
    await declareTopology(connection, amqpChannel, prefix);
    await amqpChannel.prefetch(1);
    await amqpChannel.consume(replaysQueueOf(prefix, subgraph), (message) => {
      if (!message) return restart();
      answer(db, subgraph, message.content.toString('utf8'), logger).then(
        () => amqpChannel.ack(message),
        (error: unknown) => {
          logger.warn({ err: error }, 'replay failed; it is tried again');
          restart();
        },
      );
    });
  };
  const connection = await keepConnected(url, setUp, logger);
  return { stop: () => connection.close() };
}

async function answer(db: Statements, subgraph: Audience, body: string, logger: Logger): Promise<void> {
  const asked = readRequest(body);
  if (!asked) return logger.error('a replay request is unreadable');
  const types = typesFor(asked.consumer).filter((type) => EVENT_CATALOG[type].source === subgraph);
  let count = 0;
  for (const tenantId of types.length > 0 ? await listTenantsPublished(db, asked.since) : []) {
    // Selects by the time of publication, since an event may have been recorded long before.
    count += await replay(db, { tenantId, since: new Date(0), publishedSince: asked.since, types });
  }
  logger.info({ ...asked, count }, 'events are replayed');
}

function readRequest(body: string): z.output<typeof request> | null {
  try {
    return request.parse(JSON.parse(body));
  } catch {
    return null;
  }
}

async function listTenantsPublished(db: Statements, since: Date): Promise<string[]> {
  const rows = await runInScope(
    { task: 'missed_events' },
    () => db.$queryRaw<{ tenantId: string }[]>`
      SELECT DISTINCT tenant_id AS "tenantId" FROM outbox_events WHERE status = 'PUBLISHED' AND published_at >= ${since}`,
  );
  return rows.map(({ tenantId }) => tenantId);
}
