import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { Counter, type Registry } from 'prom-client';
import { z } from 'zod';
import type { Audience } from '../caller';
import type { Logger } from '../log';
import { runInScope } from '../scope';
import { EVENT_CATALOG } from './eventCatalog';
import type { Statements } from './eventDatabase';
import { endWithChannel, keepConnected } from './rabbitConnection';
import { type Broker, declareTopology, replaysExchangeOf, replaysQueueOf } from './rabbitTopology';
import { replay } from './replay';
import { CONSUMERS, type ConsumerName, typesFor } from './subscriptions';

/** What a consumer may have missed, its queue having been lost. */
const request = z.object({ consumer: z.enum(CONSUMERS), since: z.coerce.date() });

/** The consumer's queue is there for the first time, or for the first time again: asks for what it has missed, if anything. */
export type AskAgain = (channel: ConfirmChannel, consumer: ConsumerName) => Promise<void>;

/**
 * Has a consumer ask all subgraphs for what was in its lost queue, or came while there was none. Whoever has taken nothing in yet has
 * lost nothing. event_queues_lost_total counts the others, for an operator to be told.
 */
export function createAskAgain(db: Statements, { prefix }: Broker, metrics: Registry, logger: Logger): AskAgain {
  const lost = new Counter({
    name: 'event_queues_lost_total',
    help: 'Queues that were gone from RabbitMQ with what they held, whose events were asked for again',
    labelNames: ['consumer'],
    registers: [metrics],
  });
  return async (channel, consumer) => {
    const since = await missedSince(db, consumer);
    if (!since) return;
    lost.inc({ consumer });
    logger.error({ consumer, since }, 'its queue was lost with what it held: events are asked for again');
    channel.publish(replaysExchangeOf(prefix), '', Buffer.from(JSON.stringify({ consumer, since })), {
      persistent: true,
    });
    await channel.waitForConfirms();
  };
}

/** A day before the last was taken in: a queue may hold what is as old. @returns null where none ever was. */
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
 * Publishes this subgraph's events again for consumers that ask. Who has had them ignores them, so that one who makes requests up can
 * have nothing done but work.
 */
export async function answerAskAgain(
  { url, prefix }: Broker,
  subgraph: Audience,
  db: Statements,
  logger: Logger,
): Promise<{ stop(): Promise<void> }> {
  const setUp = async (connection: ChannelModel) => {
    const channel = await connection.createConfirmChannel();
    const restart = endWithChannel(connection, channel);
    await declareTopology(connection, channel, prefix);
    await channel.prefetch(1);
    await channel.consume(replaysQueueOf(prefix, subgraph), (message) => {
      if (!message) return restart();
      answer(db, subgraph, message.content.toString('utf8'), logger).then(
        () => channel.ack(message),
        (error: unknown) => {
          logger.warn({ err: error }, 'events not published again yet');
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
  if (!asked) return logger.error('a request for events again that can’t be read');
  const types = typesFor(asked.consumer).filter((type) => EVENT_CATALOG[type].source === subgraph);
  let count = 0;
  for (const tenantId of types.length > 0 ? await listTenantsPublished(db, asked.since) : []) {
    // By when they were published: what waited in the outbox happened long before.
    count += await replay(db, { tenantId, since: new Date(0), publishedSince: asked.since, types });
  }
  logger.info({ ...asked, count }, 'events are published again');
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
