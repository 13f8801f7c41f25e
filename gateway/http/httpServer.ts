import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { limitHeaders } from '../../subgraphs/shared/limitHeaders';
import type { Logger } from '../../subgraphs/shared/log';
import { errorBody } from '../requestErrors';
import { type TrustedProxies, trustedBy } from './clientAddress';
import { type RequestLine, requestIdOf } from './requestLog';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the log says of a GraphQL request. */
    graphqlLine: RequestLine | null;
  }
  interface FastifyContextConfig {
    /** Takes files: its body may be as long under way as UPLOAD_TIMEOUT_MS says. */
    takesFiles?: boolean;
  }
}

const BODY_LIMIT_BYTES = 1_000_000;
/** The longest that a client may take to send its request. */
const REQUEST_TIMEOUT_MS = 30_000;
const UPLOAD_TIMEOUT_MS = 10 * 60 * 1000;
const PROBES = new Set(['/healthz', '/readyz']);

/** The HTTP server without its routes: request ids, one log line a request, and JSON for whatever goes wrong. */
export function createHttpServer(log: Logger, trustedProxies: TrustedProxies): FastifyInstance {
  const answerError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const { status, code, message } = describe(error);
    if (status >= 500) log.error({ requestId: request.id, err: error }, 'request failed');
    return reply
      .code(status)
      .header('x-request-id', request.id)
      .type('application/json')
      .send(errorBody(code, message, request.id));
  };

  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    // Node's one limit for all routes is the longest; see endSlowRequests.
    requestTimeout: UPLOAD_TIMEOUT_MS,
    http: { headersTimeout: REQUEST_TIMEOUT_MS },
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: requestIdOf,
    frameworkErrors: answerError,
    trustProxy: trustedBy(trustedProxies),
  });
  app.decorateRequest('graphqlLine', null);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .type('application/json')
      .send(errorBody('NOT_FOUND', 'There is nothing here.', request.id)),
  );
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  limitHeaders(app);
  endSlowRequests(app);
  closeConnectionsWhenStopping(app);
  app.addHook('onResponse', async (request, reply) => {
    const path = request.url.split('?', 1)[0]?.slice(0, 200) ?? '';
    const line = {
      requestId: request.id,
      method: request.method,
      path,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...request.graphqlLine,
    };
    log[PROBES.has(path) ? 'debug' : 'info'](line, 'request');
  });
  return app;
}

/** A body that trickles in holds a connection for so long and no longer, but where files are taken. */
function endSlowRequests(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw, headers, routeOptions }) => {
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (!hasBody || routeOptions.config.takesFiles) return;
    const timer = setTimeout(() => raw.socket.destroy(), REQUEST_TIMEOUT_MS);
    raw.once('close', () => clearTimeout(timer));
  });
}

/** A connection that was busy when the server began to stop would stay open for its keep-alive time, and hold up the stop. */
function closeConnectionsWhenStopping(app: FastifyInstance): void {
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (stopping) reply.header('connection', 'close');
  });
  // For an answer whose head had been sent before.
  app.addHook('onResponse', async () => {
    if (stopping) app.server.closeIdleConnections();
  });
}

/** Fastify's own messages describe its settings; these describe the request. */
function describe(error: FastifyError): { status: number; code: string; message: string } {
  const status = error.statusCode ?? 500;
  if (status >= 500) return { status, code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' };
  const messages: Record<number, string> = {
    413: 'The body is too large.',
    415: 'Send the body as application/json.',
    431: 'There are too many headers.',
  };
  return {
    status,
    code: 'BAD_REQUEST',
    message: messages[status] ?? 'The request can not be read: expected a JSON body.',
  };
}
