import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerError } from '../http/answerError';
import type { RateLimits } from '../limits/rateLimits';
import { limitRejected } from '../limits/rejectedRequests';
import type { GatewayContext } from './context';
import { createDocumentQueue } from './documentQueue';
import { parametersOf, persistedQueryFault } from './persistedQuery';
import { createContext } from './requestContext';
import { inRequestSpan } from './requestSpan';

/** `GET` and `POST /graphql`, by https://graphql.github.io/graphql-over-http/draft/ */
export function addGraphqlRoute(
  app: FastifyInstance,
  apollo: ApolloServer<GatewayContext>,
  rateLimits: RateLimits,
): void {
  const execute = fastifyApolloHandler(apollo, {
    context: async (request, reply) => createContext(request, reply),
  });
  const waitToBeRead = createDocumentQueue();
  const { onRequest, onSend: countRejected } = limitRejected(rateLimits, 'document');
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    onRequest,
    // In this order: a document that fails with 200 is counted, too.
    onSend: [countRejected, answerPlainJsonWith200],
    async handler(request, reply) {
      const fault = persistedQueryFault(request);
      if (fault) return answerError(request, reply, { status: 400, ...fault });
      const { query } = parametersOf(request);
      if (typeof query === 'string') await waitToBeRead(query);
      return inRequestSpan(request, reply, async () => execute.call(app, request, reply));
    },
  });
}

/** The errors of a document that was sent well, and says something wrong. */
const DOCUMENT_FAULTS = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
]);

/**
 * By GraphQL over HTTP, whoever accepts nothing but `application/json` reads a status as that of some proxy, and gets 200 where a
 * document fails. All other clients get the 400 that Apollo Server chose.
 */
async function answerPlainJsonWith200(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
  if (reply.statusCode !== 400 || typeof payload !== 'string' || !acceptsOnlyJson(request.headers.accept)) return;
  const { errors } = JSON.parse(payload) as { errors: { extensions: { code: string } }[] };
  if (errors.every(({ extensions }) => DOCUMENT_FAULTS.has(extensions.code))) reply.code(200);
}

function acceptsOnlyJson(accept = ''): boolean {
  const types = accept.split(',').map((type) => type.split(';', 1)[0]?.trim().toLowerCase());
  const others = ['application/graphql-response+json', 'application/*', '*/*'];
  return types.includes('application/json') && !others.some((type) => types.includes(type));
}
