import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Agent, type Dispatcher, request as send } from 'undici';
import type { Logger } from '../../subgraphs/shared/log';
import { errorBody } from '../requestErrors';

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
    return answer(reply, request.id, () => send(`${productOrigin}${request.url}`, { dispatcher }));
  });

  app.put(
    '/media/uploads/*',
    { bodyLimit: UPLOAD_LIMIT_BYTES, config: { takesFiles: true } },
    async (request, reply) => {
      const { 'content-type': type, 'content-length': length } = request.headers;
      if (isTraversal(request.url)) return reply.callNotFound();
      if (type === undefined || length === undefined) {
        const body = errorBody('BAD_REQUEST', 'Send Content-Type and Content-Length.', request.id);
        return reply.code(411).header('connection', 'close').type('application/json').send(body);
      }
      return answer(reply, request.id, () =>
        send(`${productOrigin}${request.url}`, {
          method: 'PUT',
          headers: { 'content-type': type, 'content-length': length },
          body: request.body as IncomingMessage,
          dispatcher,
        }),
      );
    },
  );

  async function answer(reply: FastifyReply, requestId: string, ask: () => Promise<Dispatcher.ResponseData>) {
    try {
      const { statusCode, headers, body } = await ask();
      for (const name of FORWARDED_ANSWER_HEADERS) if (headers[name] !== undefined) reply.header(name, headers[name]);
      return reply.code(statusCode).send(body);
    } catch (error) {
      log.warn({ requestId, err: error }, 'media not forwarded');
      const body = errorBody('SERVICE_UNAVAILABLE', 'A part of the system does not answer. Try again.', requestId);
      // The remainder of the upload was not read, so the connection can't be reused.
      return reply.code(503).headers({ 'retry-after': '1', connection: 'close' }).type('application/json').send(body);
    }
  }
}

/** Against path traversal: only paths below /media may be reached, however the address is encoded. */
function isTraversal(url: string): boolean {
  const [path = ''] = url.split('?', 1);
  return /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path) || /%2f|%5c|\\/i.test(path);
}
