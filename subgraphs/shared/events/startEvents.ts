import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { AdmitCaller } from '../admitCaller';
import type { Audience } from '../caller';
import type { Secret } from '../hmac';
import type { Logger } from '../log';
import type { EventConsumer } from './consumer';
import type { EventDatabase, Statements } from './eventDatabase';
import { registerEventMetrics } from './eventMetrics';
import { createEventSigner } from './eventSigner';
import { eventsRoute, processWithAll } from './events.route';
import type { EventsEnv } from './eventsEnv';
import { createHttpPublisher } from './httpPublisher';
import { processEvent } from './inbox';
import { startInboxRetries } from './inboxRetries';
import { listenToOutbox } from './outboxListener';
import { startOutboxRelay } from './outboxRelay';
import { startPruning } from './pruning';
import { consumeFromRabbit } from './rabbitConsumers';
import { createRabbitPublisher } from './rabbitPublisher';
import type { Broker } from './rabbitTopology';
import { answerReplayRequests, createReplayRequests } from './replayRequests';
import type { EventPublisher } from './transport';

interface EventsOptions<Tx extends Statements> {
  subgraph: Audience;
  db: EventDatabase<Tx>;
  /** The address of PostgreSQL itself: a pooler does not forward notifications. */
  listenUrl: string;
  consumers: readonly EventConsumer<Tx>[];
  env: EventsEnv & { CALLER_SIGNING_KEY: Secret };
  metrics: Registry;
  logger: Logger;
}

export interface SubgraphEvents {
  routes(app: FastifyInstance, admit: AdmitCaller): void;
  stop(): Promise<void>;
}

/**
 * Starts publishing a subgraph's own events and processing those of others: by RabbitMQ if that is configured, otherwise by signed HTTP
 * requests. If neither is configured, its events stay in the outbox.
 */
export async function startEvents<Tx extends Statements>(options: EventsOptions<Tx>): Promise<SubgraphEvents> {
  const { subgraph, db, listenUrl, consumers, env, metrics, logger } = options;
  registerEventMetrics(metrics, db, logger);
  const retries = startInboxRetries(db, consumers, logger);
  const pruning = startPruning(db, logger);
  const publisher = await createPublisher(options);
  const relay = publisher && startOutboxRelay(db, publisher, logger);
  const outboxListener = relay && listenToOutbox(listenUrl, relay.wake, logger);
  const broker = env.RABBITMQ_URL ? brokerOf(env, env.RABBITMQ_URL) : null;
  const replayRequests = broker && (await answerReplayRequests(broker, subgraph, db, logger));
  const queues =
    broker &&
    (await consumeFromRabbit(
      broker,
      consumers,
      (consumer, event) => processEvent(db, consumer, event),
      env.CALLER_SIGNING_KEY,
      logger,
      createReplayRequests(db, broker, metrics, logger),
    ));
  return {
    routes: eventsRoute(processWithAll(db, consumers), createEventSigner(env.CALLER_SIGNING_KEY), logger),
    stop: async () => {
      await Promise.all([outboxListener?.stop(), queues?.stop(), replayRequests?.stop()]);
      await Promise.all([relay?.stop(), retries.stop(), pruning.stop()]);
      await publisher?.close();
    },
  };
}

async function createPublisher<Tx extends Statements>(options: EventsOptions<Tx>): Promise<EventPublisher | null> {
  const { subgraph, env, logger } = options;
  if (env.RABBITMQ_URL)
    return createRabbitPublisher(subgraph, brokerOf(env, env.RABBITMQ_URL), env.CALLER_SIGNING_KEY, logger);
  if (env.EVENT_SUBSCRIBERS)
    return createHttpPublisher(subgraph, env.EVENT_SUBSCRIBERS, env.CALLER_SIGNING_KEY, logger);
  return null;
}

const brokerOf = (env: EventsEnv, url: string): Broker => ({ url, prefix: env.RABBITMQ_PREFIX });
