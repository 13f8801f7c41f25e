import type { ApolloServer } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FormattedExecutionResult, GraphQLSchema } from 'graphql';
import type { Logger } from '../../subgraphs/shared/log';
import type { GatewayContext } from '../execution/context';
import { createContext } from '../execution/requestContext';
import { inRequestSpan } from '../execution/requestSpan';
import { answerProblem } from '../http/answerError';
import type { RateLimits } from '../limits/rateLimits';
import { limitRejected } from '../limits/rejectedRequests';
import { createCompiler } from './compiledRoutes';
import type { CompiledRoute } from './compileRoute';
import { readRequest } from './readRequest';
import { answerOf, rateLimitHeaders } from './restAnswer';
import { API, addressesOf, publicPathOf, REST_ROUTES, type RestRoute } from './routeTable';

interface RestOptions {
  apollo: ApolloServer<GatewayContext>;
  /** As clients see it; null before a supergraph is loaded. */
  schema: () => GraphQLSchema | null;
  rateLimits: RateLimits;
  log: Logger;
}

/**
 * The REST API: each route is an operation of the graph, and is executed as one by the same server, with all that this has: costs, rate
 * limits, the caller, query plans, masked errors.
 */
export async function restRoutes(
  app: FastifyInstance,
  { apollo, schema, rateLimits, log }: RestOptions,
): Promise<void> {
  const compiledFor = createCompiler(log);
  const { onRequest, onSend } = limitRejected(rateLimits, 'document');
  for (const route of REST_ROUTES) {
    for (const address of addressesOf(route)) {
      app.route({
        method: route.method,
        url: address.replace(/\{(\w+)\}/g, ':$1'),
        onRequest,
        onSend,
        handler: (request, reply) => inRequestSpan(request, reply, () => answer(route, request, reply)),
      });
    }
  }

  async function answer(route: RestRoute, request: FastifyRequest, reply: FastifyReply) {
    const loaded = schema();
    const all = loaded && compiledFor(loaded);
    const compiled = all?.get(route);
    if (!all || !compiled) return reply.callNotFound();
    const asked = readRequest(compiled, request);
    if (asked.faults.length > 0) {
      const [status, code] = asked.lacksVersion ? [428, 'PRECONDITION_REQUIRED'] : [400, 'BAD_USER_INPUT'];
      const detail = asked.faults
        .map(({ message }) => message)
        .slice(0, 3)
        .join(' · ');
      return answerProblem(reply, { status, code, detail, requestId: request.id, errors: asked.faults });
    }
    const { result, status, headers } = await execute(compiled, asked, request, reply);
    const { cost } = (result.extensions ?? {}) as { cost?: { remaining?: number; restoreRate?: number } };
    reply.headers({ ...headers, ...rateLimitHeaders(cost), 'cache-control': 'no-store' });
    const answered = answerOf(compiled, [...all.values()], asked, result, { status, requestId: request.id });
    if ('code' in answered) return answerProblem(reply, answered);
    return reply.code(answered.status).headers(answered.headers).type(JSON_TYPE).send(JSON.stringify(answered.body));
  }

  async function execute(
    compiled: CompiledRoute,
    { variables, expand }: Pick<ReturnType<typeof readRequest>, 'variables' | 'expand'>,
    request: FastifyRequest,
    reply: FastifyReply,
  ) {
    const contextValue = createContext(request, reply);
    const { operationName } = compiled;
    const { http, body } = await apollo.executeOperation(
      { query: compiled.document(expand), operationName, variables },
      { contextValue },
    );
    contextValue.operationLog.operation = `${compiled.route.method} ${API}${publicPathOf(compiled.route)}`;
    if (body.kind !== 'single') throw new Error('A route was answered in parts');
    const result: FormattedExecutionResult = body.singleResult;
    return { result, status: http.status ?? 200, headers: Object.fromEntries(http.headers) };
  }
}

const JSON_TYPE = 'application/json; charset=utf-8';
