import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AdmitCaller } from '../admitCaller';
import type { Logger } from '../log';
import type { EventConsumer } from './consumer';
import { type DomainEvent, EVENT_CONTENT_TYPE, UnreadableEvent } from './domainEvent';
import type { EventDatabase, Statements } from './eventDatabase';
import { EVENT_PROOF_HEADER, type EventProof } from './eventProof';
import { EVENTS_PATH } from './httpPublisher';
import { type TakenIn, takeIn } from './inbox';
import { isOfFamilies, SUBSCRIPTIONS } from './subscriptions';

/** Says what became of an event with each consumer here. @throws when it is to be sent again. */
export type TakeInEvent = (event: DomainEvent) => Promise<Record<string, TakenIn>>;

/** Hands an event to all of a subgraph's consumers that are to have it. */
export const takeInWithAll =
  <Tx extends Statements>(db: EventDatabase<Tx>, consumers: readonly EventConsumer<Tx>[]): TakeInEvent =>
  async (event) => {
    const outcomes: Record<string, TakenIn> = {};
    for (const consumer of consumers) {
      if (!isOfFamilies(SUBSCRIPTIONS[consumer.name].families, event.type)) continue;
      outcomes[consumer.name] = await takeIn(db, consumer, event);
    }
    return outcomes;
  };

/**
 * `POST /internal/events` for a signed SERVICE with a store: one CloudEvent in JSON. 2xx says that it is in the inbox; 400
 * that it will never be right, or is of another store or service than it says; 503 that it is to be sent again.
 */
export function eventsRoute(take: TakeInEvent, proof: EventProof, logger: Logger) {
  return (app: FastifyInstance, admit: AdmitCaller): void => {
    app.addContentTypeParser(EVENT_CONTENT_TYPE, { parseAs: 'string' }, (request, body, done) => {
      request.rawBody = body as string;
      done(null, body);
    });
    app.post(EVENTS_PATH, { preHandler: admit }, async (request, reply) => {
      const { caller } = request;
      if (caller?.role !== 'SERVICE' || caller.tenantId === null) return reply.code(403).send({ error: 'FORBIDDEN' });
      const event = readOrNull(request, caller.tenantId, proof, logger);
      if (!event) return reply.code(400).send({ error: 'not an event of this store and of this service' });
      try {
        return await take(event);
      } catch (error) {
        logger.warn({ id: event.id, type: event.type, err: error }, 'event not taken in; it is to be sent again');
        return reply.code(503).send({ error: 'send it again' });
      }
    });
  };
}

function readOrNull(
  { rawBody, headers }: FastifyRequest,
  tenantId: string,
  proof: EventProof,
  logger: Logger,
): DomainEvent | null {
  try {
    return proof.read(rawBody, tenantId, headers[EVENT_PROOF_HEADER]);
  } catch (error) {
    if (!(error instanceof UnreadableEvent)) throw error;
    logger.warn({ reason: error.message }, 'event refused');
    return null;
  }
}
