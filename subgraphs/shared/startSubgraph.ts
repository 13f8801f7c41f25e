import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type GraphQLFormattedError, parse } from 'graphql';
import { type Audience, type Caller, CallerRefused, verifyCaller } from './caller';
import { type AccessRules, guardSchema } from './guards';
import type { Logger } from './log';
import { maskError } from './maskError';
import { enterScope } from './scope';

// biome-ignore lint/suspicious/noExplicitAny: codegen types each subgraph's resolvers; here they are only handed on.
type AnyResolvers = Record<string, any>;

export interface SubgraphOptions<Context extends { caller: Caller }> {
  name: Audience;
  host: string;
  /** 0 takes a free one. */
  port: number;
  signingKey: string;
  /** Path of schema.graphql. */
  schemaFile: string;
  resolvers: AnyResolvers;
  rules: AccessRules;
  createContext(caller: Caller): Context;
  logger: Logger;
  /** Resolves when the subgraph can serve; its rejection makes /readyz answer 503. */
  ready(): Promise<void>;
  close(): Promise<void>;
  /** Further HTTP routes, such as a webhook. */
  routes?(app: FastifyInstance): void;
}

export interface RunningSubgraph {
  /** Where it listens: http://127.0.0.1:3002 */
  url: string;
  /** Finishes what is in flight, then closes the database. */
  stop(): Promise<void>;
}

declare module 'fastify' {
  interface FastifyRequest {
    rawBody: string;
    caller: Caller | null;
  }
}

const BODY_LIMIT_BYTES = 1024 * 1024;

/** A federation subgraph on HTTP. Every GraphQL request must carry a caller signed for this subgraph. */
export async function startSubgraph<Context extends { caller: Caller }>(
  options: SubgraphOptions<Context>,
): Promise<RunningSubgraph> {
  const { name, logger, signingKey } = options;
  const schema = buildSubgraphSchema({
    typeDefs: parse(readFileSync(options.schemaFile, 'utf8')),
    resolvers: options.resolvers,
  });
  const apollo = new ApolloServer<Context>({
    schema: guardSchema(schema, options.rules),
    introspection: false,
    includeStacktraceInErrorResponses: false,
    // Only signed calls arrive here, none of them from a browser.
    csrfPrevention: false,
    stopOnTerminationSignals: false,
    // Both would wrap every field's resolver.
    plugins: [ApolloServerPluginInlineTraceDisabled(), ApolloServerPluginCacheControlDisabled()],
    formatError: (formatted: GraphQLFormattedError, error: unknown) => maskError(formatted, error, logger),
  });
  await apollo.start();

  const app = Fastify({ bodyLimit: BODY_LIMIT_BYTES });
  keepRawBody(app);
  let stopping = false;
  // A connection that is kept alive would keep the server, too: its last answer says that it is the last.
  app.addHook('onSend', async (_request, reply) => {
    if (stopping) void reply.header('connection', 'close');
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) logger.error({ err: error }, 'request failed');
    const code = status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'BAD_REQUEST';
    return reply.code(status).send({ errors: [{ message: 'The request failed.', extensions: { code } }] });
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await options.ready();
      return { status: 'ok' };
    } catch (error) {
      logger.warn({ err: error }, 'not ready');
      return reply.code(503).send({ status: 'unavailable' });
    }
  });
  app.post(
    '/graphql',
    { preHandler: admitCaller(name, signingKey, logger) },
    fastifyApolloHandler(apollo, {
      context: async (request) => {
        if (!request.caller) throw new CallerRefused('no caller');
        return options.createContext(request.caller);
      },
    }),
  );
  options.routes?.(app);

  const url = await app.listen({ host: options.host, port: options.port });
  logger.info({ url: `${url}/graphql` }, `${name} subgraph listens`);
  return {
    url,
    stop: async () => {
      stopping = true;
      await app.close();
      await apollo.stop();
      await options.close();
    },
  };
}

/** The signature covers the body's bytes, so they are kept beside what they parse to. */
function keepRawBody(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.decorateRequest('rawBody', '');
  app.decorateRequest('caller', null);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    request.rawBody = body as string;
    void parseJson(request, body as string, done);
  });
}

/** Refuses a call whose envelope does not verify; otherwise the rest of the request runs in the caller's scope. */
function admitCaller(audience: Audience, signingKey: string, logger: Logger) {
  return (request: FastifyRequest, reply: FastifyReply, next: () => void) => {
    try {
      request.caller = verifyCaller(request.headers, audience, request.rawBody, signingKey);
    } catch (error) {
      if (!(error instanceof CallerRefused)) throw error;
      logger.warn({ reason: error.message }, 'call refused');
      const message = 'This call carries no valid caller.';
      void reply.code(401).send({ errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] });
      return;
    }
    const { tenantId } = request.caller;
    if (tenantId) enterScope({ tenantId }, next);
    else next();
  };
}
