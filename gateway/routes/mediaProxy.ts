import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Agent, type Dispatcher, request as send } from 'undici';
import { serviceUnavailable } from '../../subgraphs/shared/errors';
import type { Logger } from '../../subgraphs/shared/log';
import { answerError, answerForwardedError } from '../http/answerError';

/** The longest allowed upload. Each upload's own size is part of its signed address. */
const UPLOAD_LIMIT_BYTES = 100 * 1024 * 1024;
/** How long either side may send no data, also while an image is resized. */
const SILENCE_MS = 30_000;
/** A separate pool, so that slow downloads of images do not use up GraphQL's connections. */
const CONNECTIONS = 64;

const FORWARDED_ANSWER_HEADERS = [
  'content-type',
  'content-length',
  'content-disposition',
  'cache-control',
  'content-security-policy',
  'cross-origin-resource-policy',
  'access-control-allow-origin',
  'x-content-type-options',
  'retry-after',
];

/** Where the rest of an upload is not read: the connection can't be used again. */
const NOT_READ = { connection: 'close' };

interface MediaProxyOptions {
  productOrigin: string;
  log: Logger;
}

/**
 * `GET /media/…` and `PUT /media/uploads/…`: streams images and uploads from and to the product subgraph, which verifies the signed
 * addresses. Only the address is forwarded, and the type, length and body of an upload.
 */
export async function mediaProxy(app: FastifyInstance, { productOrigin, log }: MediaProxyOptions): Promise<void> {
  const dispatcher = new Agent({ connections: CONNECTIONS, headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS });
  app.addHook('onClose', () => dispatcher.close());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  app.get('/media/*', async (request, reply) => {
    if (isTraversal(request.url)) return reply.callNotFound();
    return answer(request, reply, () => send(`${productOrigin}${request.url}`, { dispatcher }));
  });

  app.put(
    '/media/uploads/*',
    { bodyLimit: UPLOAD_LIMIT_BYTES, config: { takesFiles: true } },
    async (request, reply) => {
      const { 'content-type': type, 'content-length': length } = request.headers;
      if (isTraversal(request.url)) return reply.callNotFound();
      if (type === undefined || length === undefined) {
        const message = 'Send Content-Type and Content-Length.';
        return answerError(request, reply, { status: 411, code: 'BAD_REQUEST', message, headers: NOT_READ });
      }
      return answer(request, reply, () =>
        send(`${productOrigin}${request.url}`, {
          method: 'PUT',
          headers: { 'content-type': type, 'content-length': length },
          body: request.body as IncomingMessage,
          dispatcher,
        }),
      );
    },
  );

  async function answer(request: FastifyRequest, reply: FastifyReply, ask: () => Promise<Dispatcher.ResponseData>) {
    try {
      const { statusCode, headers, body } = await ask();
      if (statusCode >= 400) {
        const { 'retry-after': wait, connection } = headers;
        const kept = { ...(wait && { 'retry-after': String(wait) }), ...(connection === 'close' && NOT_READ) };
        return answerForwardedError(request, reply, { status: statusCode, body: await body.text(), headers: kept });
      }
      for (const name of FORWARDED_ANSWER_HEADERS) if (headers[name] !== undefined) reply.header(name, headers[name]);
      return reply.code(statusCode).send(body);
    } catch (error) {
      // A client that breaks its upload off is no fault of the system's: it is told nothing, and the log says it at `debug`.
      const isGone = request.raw.destroyed && !request.raw.complete;
      log[isGone ? 'debug' : 'warn']({ requestId: request.id, reason: String(error) }, 'media not forwarded');
      const { message } = serviceUnavailable();
      const headers = { 'retry-after': '1', ...NOT_READ };
      return answerError(request, reply, { status: 503, code: 'SERVICE_UNAVAILABLE', message, headers });
    }
  }
}

/** Against path traversal: only paths below /media may be reached, however the address is encoded. */
function isTraversal(url: string): boolean {
  const [path = ''] = url.split('?', 1);
  return /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path) || /%2f|%5c|\\/i.test(path);
}
