import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AdmitCaller } from '../admitCaller';
import { errorsBody } from '../errors';
import type { Logger } from '../log';
import type { EventConsumer } from './consumer';
import { type DomainEvent, EVENT_CONTENT_TYPE, EVENTS_CONTENT_TYPE, UnreadableEvent } from './domainEvent';
import type { EventDatabase, Statements } from './eventDatabase';
import { EVENT_SIGNATURE_HEADER, type EventSigner } from './eventSigner';
import { EVENTS_PATH } from './httpPublisher';
import { type ProcessingResult, processEvents } from './inbox';
import { isOfFamilies, SUBSCRIPTIONS } from './subscriptions';

/** Processes events of one store. @returns results by consumer. @throws when the sender should send the events again. */
export type ProcessEvents = (events: readonly DomainEvent[]) => Promise<Record<string, ProcessingResult[]>>;

/** Has each of a subgraph's consumers process the events that it subscribes to. */
export const processWithAll =
  <Tx extends Statements>(db: EventDatabase<Tx>, consumers: readonly EventConsumer<Tx>[]): ProcessEvents =>
  async (events) => {
    const outcomes: Record<string, ProcessingResult[]> = {};
    for (const consumer of consumers) {
      const { families } = SUBSCRIPTIONS[consumer.name];
      const subscribed = events.filter(({ type }) => isOfFamilies(families, type));
      if (subscribed.length > 0) outcomes[consumer.name] = await processEvents(db, consumer, subscribed);
    }
    return outcomes;
  };

/**
 * `POST /internal/events` for a signed SERVICE with a store: one CloudEvent in JSON, or a batch. 2xx: the events are in the inbox.
 * 400: a retry can't help, since an event is malformed or of another store or service than the message. 503: send them again.
 */
export function eventsRoute(process: ProcessEvents, signer: EventSigner, logger: Logger) {
  return (app: FastifyInstance, admit: AdmitCaller): void => {
    app.addContentTypeParser(
      [EVENT_CONTENT_TYPE, EVENTS_CONTENT_TYPE],
      { parseAs: 'string' },
      (request, body, done) => {
        request.rawBody = body as string;
        done(null, body);
      },
    );
    app.post(EVENTS_PATH, { preHandler: admit }, async (request, reply) => {
      const { caller } = request;
      if (caller?.role !== 'SERVICE' || caller.tenantId === null)
        return reply.code(403).send(errorsBody('FORBIDDEN', 'Only a service may do this.'));
      const events = readOrNull(request, caller.tenantId, signer, logger);
      if (!events)
        return reply.code(400).send(errorsBody('BAD_REQUEST', 'Not an event of this store and of this service.'));
      try {
        return await process(events);
      } catch (error) {
        const ids = events.map(({ id }) => id);
        logger.warn({ ids, err: error }, 'events not processed; they are to be sent again');
        return reply.code(503).send(errorsBody('SERVICE_UNAVAILABLE', 'Not taken in: send it again.'));
      }
    });
  };
}

function readOrNull(
  { rawBody, headers }: FastifyRequest,
  tenantId: string,
  signer: EventSigner,
  logger: Logger,
): DomainEvent[] | null {
  try {
    return signer.readAll(rawBody, tenantId, headers[EVENT_SIGNATURE_HEADER]);
  } catch (error) {
    if (!(error instanceof UnreadableEvent)) throw error;
    logger.warn({ reason: error.message }, 'event refused');
    return null;
  }
}
