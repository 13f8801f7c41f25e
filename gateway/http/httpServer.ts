import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { limitHeaders } from '../../subgraphs/shared/limitHeaders';
import type { Logger } from '../../subgraphs/shared/log';
import { errorBody } from '../requestErrors';
import { type TrustedProxies, trustedBy } from './clientAddress';
import { type OperationLog, requestIdOf } from './requestLog';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null except for GraphQL requests. */
    operationLog: OperationLog | null;
  }
  interface FastifyContextConfig {
    /** A route for uploads: its body may take UPLOAD_TIMEOUT_MS. */
    takesFiles?: boolean;
  }
}

const BODY_LIMIT_BYTES = 1_000_000;
/** How long a client may take to send its request. */
const REQUEST_TIMEOUT_MS = 30_000;
const UPLOAD_TIMEOUT_MS = 10 * 60 * 1000;
const PROBES = new Set(['/healthz', '/readyz']);

/** The HTTP server without routes: request ids, one log line per request, and errors as JSON. */
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
    // Node has one limit for all routes, so it is that of uploads; the others': closeSlowRequests.
    requestTimeout: UPLOAD_TIMEOUT_MS,
    http: { headersTimeout: REQUEST_TIMEOUT_MS },
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: requestIdOf,
    frameworkErrors: answerError,
    trustProxy: trustedBy(trustedProxies),
  });
  app.decorateRequest('operationLog', null);
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
  closeSlowRequests(app);
  closeConnectionsWhenStopping(app);
  app.addHook('onResponse', async (request, reply) => {
    const path = request.url.split('?', 1)[0]?.slice(0, 200) ?? '';
    const line = {
      requestId: request.id,
      method: request.method,
      path,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...request.operationLog,
    };
    log[PROBES.has(path) ? 'debug' : 'info'](line, 'request');
  });
  return app;
}

/** Against slow clients (slowloris): the connection is closed when a body takes too long, except on routes for uploads. */
function closeSlowRequests(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw, headers, routeOptions }) => {
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (!hasBody || routeOptions.config.takesFiles) return;
    const timer = setTimeout(() => raw.socket.destroy(), REQUEST_TIMEOUT_MS);
    raw.once('close', () => clearTimeout(timer));
  });
}

/** Graceful shutdown: a connection that is in use when the server begins to stop would otherwise stay open for its keep-alive time. */
function closeConnectionsWhenStopping(app: FastifyInstance): void {
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (stopping) reply.header('connection', 'close');
  });
  // For a response whose headers were sent before.
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
