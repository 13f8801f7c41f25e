import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { limitHeaders } from '../../subgraphs/shared/limitHeaders';
import type { Logger } from '../../subgraphs/shared/log';
import { measureRequests } from '../../subgraphs/shared/metrics/requestMetrics';
import { levelOfRequest, loggedPath } from '../../subgraphs/shared/requestLog';
import type { AnswerCode } from '../requestErrors';
import { addRequestId, answerError } from './answerError';
import { type TrustedProxies, trustedBy } from './clientAddress';
import { readJson } from './jsonBody';
import { type OperationLog, requestIdOf } from './requestLog';
import { answerUnknownPaths, hasHost } from './requestTarget';
import { answerUnknownExpectation, answerUnreadable } from './unreadableRequests';

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
export function createHttpServer(log: Logger, trustedProxies: TrustedProxies, metrics: Registry): FastifyInstance {
  const answerFailure = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const failed = describe(error);
    if (failed.status >= 500) log.error({ requestId: request.id, err: error }, 'request failed');
    return answerError(request, reply, failed);
  };

  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    // Node has one limit for all routes, so it is that of uploads; the others': closeSlowRequests.
    requestTimeout: UPLOAD_TIMEOUT_MS,
    // Without a Host it is refused below: Node's own answer has no body.
    http: { headersTimeout: REQUEST_TIMEOUT_MS, requireHostHeader: false },
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: requestIdOf,
    frameworkErrors: answerFailure,
    clientErrorHandler: answerUnreadable(log),
    trustProxy: trustedBy(trustedProxies),
  });
  app.decorateRequest('operationLog', null);
  app.server.on('checkExpectation', answerUnknownExpectation);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    readJson(app.getDefaultJsonParser('error', 'error')),
  );
  app.setErrorHandler(answerFailure);
  answerUnknownPaths(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onSend', async (request, reply, payload) => addRequestId(request, reply, payload));
  app.addHook('onRequest', async (request, reply) => {
    // A load balancer's probe by HTTP/1.0 has no Host.
    if (hasHost(request) || PROBES.has(pathOf(request))) return;
    return answerError(request, reply, {
      status: 400,
      code: 'BAD_REQUEST',
      message: 'Host: expected the name of a host.',
    });
  });
  limitHeaders(app);
  measureRequests(app, metrics);
  closeSlowRequests(app);
  closeConnectionsWhenStopping(app);
  app.addHook('onResponse', async (request, reply) => {
    const path = loggedPath(request);
    const line = {
      requestId: request.id,
      method: request.method,
      path,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...request.operationLog,
    };
    log[levelOfRequest(path, reply.statusCode, request.operationLog?.errors)](line, 'request');
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

const pathOf = ({ url }: FastifyRequest) => url.split('?', 1)[0] ?? '';

/** Fastify's own messages describe its settings; these describe the request. */
function describe(error: FastifyError): { status: number; code: AnswerCode; message: string } {
  const status = error.statusCode ?? 500;
  if (status >= 500) return { status, code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' };
  const messages: Record<number, string> = {
    413: 'The body is too large.',
    415: 'Send the body as application/json.',
    431: 'There are too many headers.',
  };
  const unreadable =
    error.code === 'FST_ERR_BAD_URL'
      ? 'The address can not be read.'
      : 'The request can not be read: expected a JSON body.';
  return { status, code: 'BAD_REQUEST', message: messages[status] ?? unreadable };
}
