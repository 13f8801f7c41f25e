import type { FastifyInstance } from 'fastify';
import { type Dispatcher, request as send } from 'undici';
import type { Logger } from '../subgraphs/shared/log';
import { errorBody } from './maskErrors';
import type { limitRefused } from './refusedRequests';

const BODY_LIMIT_BYTES = 256 * 1024;
const TIMEOUT_MS = 10_000;
/** What the tenant subgraph verifies; nothing else of the request goes on. */
const FORWARDED_HEADERS = ['content-type', 'svix-id', 'svix-timestamp', 'svix-signature'];

interface WebhookOptions {
  tenantOrigin: string;
  dispatcher: Dispatcher;
  /** Called after a delivery was taken in: what is remembered of stores may be out of date. */
  onTakenIn(): void;
  /** Of what is refused: a delivery that verifies costs its sender nothing. */
  limits: ReturnType<typeof limitRefused>;
  log: Logger;
}

/**
 * `POST /api/webhooks/clerk`: hands Clerk's delivery on to the tenant subgraph, which verifies it. The body is passed byte
 * for byte, for the signature covers the bytes. Whatever goes wrong on the way is a 503, so that Clerk sends it again.
 */
export async function clerkWebhook(
  app: FastifyInstance,
  { tenantOrigin, dispatcher, onTakenIn, limits, log }: WebhookOptions,
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.post('/api/webhooks/clerk', { bodyLimit: BODY_LIMIT_BYTES, ...limits }, async (request, reply) => {
    const headers: Record<string, string> = {};
    for (const name of FORWARDED_HEADERS) {
      const value = request.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    try {
      const answer = await send(`${tenantOrigin}/webhooks/clerk`, {
        method: 'POST',
        headers,
        body: request.body as Buffer,
        dispatcher,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const body = Buffer.from(await answer.body.arrayBuffer());
      if (answer.statusCode < 300) onTakenIn();
      return reply
        .code(answer.statusCode)
        .header('content-type', answer.headers['content-type'] ?? 'text/plain')
        .send(body);
    } catch (error) {
      log.warn({ requestId: request.id, err: error }, 'webhook not delivered to the tenant subgraph');
      const body = errorBody('SERVICE_UNAVAILABLE', 'Not taken in. Send it again.', request.id);
      return reply.code(503).type('application/json').send(body);
    }
  });
}
