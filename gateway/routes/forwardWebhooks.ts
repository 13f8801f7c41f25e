import type { FastifyInstance } from 'fastify';
import { type Dispatcher, request as send } from 'undici';
import type { Logger } from '../../subgraphs/shared/log';
import { answerError, answerForwardedError } from '../http/answerError';
import type { limitRejected } from '../limits/rejectedRequests';

const BODY_LIMIT_BYTES = 256 * 1024;
const TIMEOUT_MS = 10_000;
/** Each sender's headers with the signature. No other header is forwarded. */
const SIGNED_HEADERS = {
  clerk: ['svix-id', 'svix-timestamp', 'svix-signature'],
  stripe: ['stripe-signature'],
};

interface WebhookOptions {
  sender: keyof typeof SIGNED_HEADERS;
  /** The origin of the subgraph that receives the deliveries. */
  origin: string;
  dispatcher: Dispatcher;
  /** Called when the subgraph has accepted a delivery. */
  onAccepted?(): void;
  /** The rate limit of rejected deliveries; a delivery with a valid signature does not count. */
  limits: ReturnType<typeof limitRejected>;
  log: Logger;
}

/**
 * `POST /api/webhooks/<sender>`: forwards a delivery to the subgraph that verifies it. The body is forwarded byte for byte, because the
 * signature covers its bytes. If the subgraph can't be reached, the answer is 503, so that the sender retries.
 */
export async function forwardWebhooks(
  app: FastifyInstance,
  { sender, origin, dispatcher, onAccepted, limits, log }: WebhookOptions,
): Promise<void> {
  const forwarded = ['content-type', ...SIGNED_HEADERS[sender]];
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.post(`/api/webhooks/${sender}`, { bodyLimit: BODY_LIMIT_BYTES, ...limits }, async (request, reply) => {
    const headers: Record<string, string> = {};
    for (const name of forwarded) {
      const value = request.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    try {
      const answer = await send(`${origin}/webhooks/${sender}`, {
        method: 'POST',
        headers,
        body: request.body as Buffer,
        dispatcher,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const body = await answer.body.text();
      if (answer.statusCode >= 400) return answerForwardedError(request, reply, { status: answer.statusCode, body });
      onAccepted?.();
      return reply
        .code(answer.statusCode)
        .header('content-type', answer.headers['content-type'] ?? 'text/plain')
        .send(body);
    } catch (error) {
      log.warn({ requestId: request.id, sender, err: error }, 'webhook not delivered to its subgraph');
      const message = 'Not processed. Send it again.';
      return answerError(request, reply, { status: 503, code: 'SERVICE_UNAVAILABLE', message });
    }
  });
}
