import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance } from 'fastify';
import { clientAddressOf } from '../http/clientAddress';
import type { RateLimits } from '../limits/rateLimits';
import { limitRejected } from '../limits/rejectedRequests';
import type { GatewayContext } from './context';

/** `GET` and `POST /graphql`. */
export function addGraphqlRoute(
  app: FastifyInstance,
  apollo: ApolloServer<GatewayContext>,
  rateLimits: RateLimits,
): void {
  const execute = fastifyApolloHandler(apollo, {
    context: async (request, reply) => {
      const operationLog = { tenantId: null, userId: null, operation: null };
      request.operationLog = operationLog;
      const address = clientAddressOf(request);
      const closed = new AbortController();
      reply.raw.once('close', () => closed.abort());
      const { headersDistinct: headers } = request.raw;
      return { requestId: request.id, headers, address, caller: null, operationLog, abortSignal: closed.signal };
    },
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    ...limitRejected(rateLimits, 'document'),
    async handler(request, reply) {
      const body: unknown = await execute.call(app, request, reply);
      return reply.statusCode >= 400 && typeof body === 'string' ? withRequestId(body, request.id) : body;
    },
  });
}

/** Apollo Server refuses requests that are no GraphQL before any plugin runs, so these errors have no request id yet. */
function withRequestId(body: string, requestId: string): string {
  const answer = JSON.parse(body) as { errors?: { extensions?: Record<string, unknown> }[] };
  for (const error of answer.errors ?? []) error.extensions = { ...error.extensions, requestId };
  return JSON.stringify(answer);
}
