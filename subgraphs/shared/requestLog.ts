import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller } from './caller';
import type { Logger } from './log';
import { currentRecord, recordWork, type WorkRecord } from './trace';

declare module 'fastify' {
  interface FastifyRequest {
    /** What a subgraph did for this request; null until its body was read, and in the gateway. */
    record: WorkRecord | null;
  }
}

/** The name of the client's operation, on a call of a subgraph. It is not signed: only the log has it. */
export const OPERATION_HEADER = 'x-operation-name';
export const MAX_OPERATION_NAME = 100;

/** Asked for by machines, every few seconds. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** What is wrong with this system, and not with the request: who runs it may want to know of each. */
const OUTAGES: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR']);

/** Of a request's log line: `warn` when this system is at fault. A client's mistake, however often it is made, is no reason to look. */
export function levelOfRequest(
  path: string,
  status: number,
  errors: readonly string[] = [],
): 'debug' | 'info' | 'warn' {
  if (status >= 500 || errors.some((code) => OUTAGES.has(code))) return 'warn';
  return PROBES.has(path) ? 'debug' : 'info';
}

const MAX_PATH_LENGTH = 100;

/**
 * For a log: the route, and not the path, since a signed address is a secret. Of an address without a route its first two parts.
 */
export function loggedPath({ url, routeOptions }: FastifyRequest): string {
  const { url: route } = routeOptions;
  if (route !== undefined && route !== '*') return route;
  const [path = ''] = url.split('?', 1);
  const known = path.split('/', 3).join('/').slice(0, MAX_PATH_LENGTH);
  return known === path ? path : `${known}/…`;
}

/** One line for each request of a subgraph: who asked for what, what the answer's errors are, and what it took. */
export function logRequests(app: FastifyInstance, logger: Logger): void {
  app.decorateRequest('record', null);
  // Not earlier: a body is read in the context of its connection.
  app.addHook('preHandler', (request, _reply, next) => {
    request.record = recordWork(next);
  });
  app.addHook('onResponse', async (request, reply) => {
    const path = loggedPath(request);
    const { errors, statements = 0, sqlMs = 0 } = request.record ?? {};
    const operation = request.caller && operationOf(request);
    const line = {
      ...(request.caller && callerFields(request.caller)),
      method: request.method,
      path,
      status: reply.statusCode,
      ms: tenths(reply.elapsedTime),
      ...(operation && { operation }),
      statements,
      sqlMs: tenths(sqlMs),
      ...(errors && { errors }),
    };
    logger[levelOfRequest(path, reply.statusCode, errors)](line, 'request');
  });
}

function operationOf({ headers, record }: FastifyRequest): string | undefined {
  const given = headers[OPERATION_HEADER];
  return typeof given === 'string' && /^\w+$/.test(given) ? given.slice(0, MAX_OPERATION_NAME) : record?.operation;
}

const callerFields = ({ requestId, tenantId, userId, role, impersonatorId }: Caller) => ({
  requestId,
  tenantId,
  userId,
  role,
  ...(impersonatorId !== null && { impersonatorId }),
});

const tenths = (milliseconds: number) => Math.round(milliseconds * 10) / 10;

/** Adds the operation, and the codes of its errors, to the request's log line. */
export const recordOperation: ApolloServerPlugin = {
  requestDidStart: async () => ({
    async willSendResponse({ operation, response: { body } }) {
      const record = currentRecord();
      if (!record || body.kind !== 'single') return;
      if (operation?.name) record.operation = operation.name.value;
      const codes = body.singleResult.errors?.map(({ extensions }) => String(extensions?.code));
      if (codes) record.errors = [...new Set(codes)];
    },
  }),
};
