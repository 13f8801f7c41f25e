import type { FastifyInstance } from 'fastify';
import { admitCaller } from '../../subgraphs/shared/admitCaller';
import { errorsBody } from '../../subgraphs/shared/errors';
import { EVENT_CONTENT_TYPE, UnreadableEvent } from '../../subgraphs/shared/events/domainEvent';
import { createEventSigner, EVENT_SIGNATURE_HEADER } from '../../subgraphs/shared/events/eventSigner';
import { EVENTS_PATH } from '../../subgraphs/shared/events/httpPublisher';
import type { Secret } from '../../subgraphs/shared/hmac';
import type { Logger } from '../../subgraphs/shared/log';

interface EventListenerOptions {
  signingKey: Secret;
  /** Called when stores or their members have changed: invalidates the caches. */
  onStoreChanged(): void;
  log: Logger;
}

/** `POST /internal/events`: receives the tenant subgraph's events without RabbitMQ. Requires a signed SERVICE caller. */
export async function eventListener(app: FastifyInstance, options: EventListenerOptions): Promise<void> {
  app.decorateRequest('rawBody', '');
  app.decorateRequest('caller', null);
  app.addContentTypeParser(EVENT_CONTENT_TYPE, { parseAs: 'string' }, (request, body, done) => {
    request.rawBody = body as string;
    done(null, body);
  });
  const proof = createEventSigner(options.signingKey);
  const preHandler = admitCaller('gateway', options.signingKey, options.log);
  app.post(EVENTS_PATH, { preHandler }, async (request, reply) => {
    if (request.caller?.role !== 'SERVICE')
      return reply.code(403).send(errorsBody('FORBIDDEN', 'Only a service may do this.'));
    try {
      const { id, type } = proof.read(
        request.rawBody,
        request.caller.tenantId,
        request.headers[EVENT_SIGNATURE_HEADER],
      );
      options.onStoreChanged();
      options.log.debug({ id, type }, 'caches of stores and members are invalidated');
      return { id };
    } catch (error) {
      if (!(error instanceof UnreadableEvent)) throw error;
      options.log.warn({ reason: error.message }, 'event refused');
      return reply.code(400).send(errorsBody('BAD_REQUEST', 'Not an event of this store and of this service.'));
    }
  });
}
