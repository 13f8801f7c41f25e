import { setTimeout as sleep } from 'node:timers/promises';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { type GraphQLFormattedError, OperationTypeNode } from 'graphql';
import type { Registry } from 'prom-client';
import { type AdmitCaller, admitCaller } from './admitCaller';
import { type Audience, type Caller, CallerRefused } from './caller';
import { markReadOnly, withCancellation } from './cancellation';
import { clientAbortSignal } from './clientAbortSignal';
import { errorsBody, serviceUnavailable, withOwnCode } from './errors';
import { type AccessRules, guardSchema } from './guards';
import type { Secret } from './hmac';
import { limitHeaders } from './limitHeaders';
import type { Logger } from './log';
import { maskError } from './maskError';
import { countGraphqlErrors } from './metrics/graphqlErrors';
import { type PoolCounts, registerPoolMetrics } from './metrics/poolMetrics';
import { addMetricsRoute, measureRequests } from './metrics/requestMetrics';
import { readTexts } from './readTexts';
import { logRequests, recordOperation } from './requestLog';
import { storableTexts, textFaultOf } from './requestTexts';
import { readSchema } from './schemaFiles';

// biome-ignore lint/suspicious/noExplicitAny: codegen types each subgraph's resolvers; here they are only passed on.
type AnyResolvers = Record<string, any>;

export interface SubgraphOptions<Context extends { caller: Caller }> {
  name: Audience;
  host: string;
  /** 0 for any free port. */
  port: number;
  signingKey: Secret;
  /** How long it serves after it was told to stop: see drainSeconds in env.ts. */
  drainMs?: number;
  /** Waits for so many milliseconds. For tests, which do not wait by the clock. */
  pause?: (ms: number) => Promise<unknown>;
  /** The subgraph's folder, which contains its SDL: see schemaFiles.ts. */
  folder: string;
  resolvers: AnyResolvers;
  rules: AccessRules;
  /** @param abortSignal aborted when the client no longer waits for the answer. */
  createContext(caller: Caller, abortSignal: () => AbortSignal): Context;
  logger: Logger;
  /** This service's own registry for `GET /metrics`, so that two services can run in one process. */
  metrics: Registry;
  /** Of its database, for the metrics. */
  connections(): PoolCounts;
  /** Resolves when the subgraph can serve requests; if it rejects, /readyz answers 503. */
  ready(): Promise<void>;
  close(): Promise<void>;
  /** Further HTTP routes, such as a webhook; `admit` restricts a route to signed callers. */
  routes?(app: FastifyInstance, admit: AdmitCaller): void;
}

export interface RunningSubgraph {
  /** Its origin, such as http://127.0.0.1:3002 */
  url: string;
  drainMs: number;
  /** Graceful shutdown: drains, finishes the requests in flight, then closes the database. */
  stop(): Promise<void>;
}

const BODY_LIMIT_BYTES = 1024 * 1024;

/** Starts a federation subgraph over HTTP. Every GraphQL request must carry a caller signed for this subgraph. */
export async function startSubgraph<Context extends { caller: Caller }>(
  options: SubgraphOptions<Context>,
): Promise<RunningSubgraph> {
  const { name, logger, signingKey } = options;
  const schema = readTexts(buildSubgraphSchema({ typeDefs: readSchema(options.folder), resolvers: options.resolvers }));
  const apollo = new ApolloServer<Context>({
    schema: guardSchema(schema, options.rules),
    introspection: false,
    includeStacktraceInErrorResponses: false,
    // CSRF concerns browsers, and only signed calls of other services are accepted.
    csrfPrevention: false,
    stopOnTerminationSignals: false,
    // Disabled because both plugins would wrap every field's resolver.
    plugins: [
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      checkTexts,
      markQueriesReadOnly,
      countGraphqlErrors(options.metrics),
      recordOperation,
    ],
    validationRules: [storableTexts],
    formatError: (formatted: GraphQLFormattedError, error: unknown) =>
      maskError(withOwnCode(formatted, error), error, logger),
  });
  await apollo.start();

  const admit = admitCaller(name, signingKey, logger);
  const app = Fastify({ bodyLimit: BODY_LIMIT_BYTES });
  limitHeaders(app);
  measureRequests(app, options.metrics);
  logRequests(app, logger);
  registerPoolMetrics(options.metrics, options.connections);
  keepRawBody(app);
  let stopping = false;
  // Not while it drains: a request may be on its way on an idle connection.
  let drained = false;
  // During shutdown, open keep-alive connections would keep the server from closing, so each last response asks the client to close it.
  app.addHook('onSend', async (_request, reply) => {
    if (stopping) void reply.header('connection', 'close');
  });
  // If the response's headers were already sent, the server closes the connection after the last byte.
  app.addHook('onResponse', async () => {
    if (drained) app.server.closeIdleConnections();
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) logger.error({ err: error }, 'request failed');
    const code = status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'BAD_REQUEST';
    return reply.code(status).send(errorsBody(code, 'The request failed.'));
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(errorsBody('NOT_FOUND', 'There is nothing here.')));
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    if (stopping) return reply.code(503).send(errorsBody('SERVICE_UNAVAILABLE', serviceUnavailable().message));
    try {
      await options.ready();
      return { status: 'ok' };
    } catch (error) {
      logger.warn({ err: error }, 'not ready');
      return reply.code(503).send(errorsBody('SERVICE_UNAVAILABLE', serviceUnavailable().message));
    }
  });
  addMetricsRoute(app, options.metrics);
  app.post(
    '/graphql',
    { preHandler: [admit, (request, reply, next) => withCancellation(() => clientAbortSignal(request, reply), next)] },
    fastifyApolloHandler(apollo, {
      context: async (request, reply) => {
        if (!request.caller) throw new CallerRefused('no caller');
        return options.createContext(request.caller, () => clientAbortSignal(request, reply));
      },
    }),
  );
  options.routes?.(app, admit);

  const url = await app.listen({ host: options.host, port: options.port });
  logger.info({ url: `${url}/graphql` }, `${name} subgraph listens`);
  return {
    url,
    drainMs: options.drainMs ?? 0,
    stop: async () => {
      stopping = true;
      await (options.pause ?? sleep)(options.drainMs ?? 0);
      drained = true;
      await app.close();
      await apollo.stop();
      await options.close();
    },
  };
}

/** The gateway has checked them; a caller other than the gateway has not. */
const checkTexts: ApolloServerPlugin = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ request }) => {
      const fault = textFaultOf(request.variables ?? {});
      if (fault) throw fault;
    },
  }),
};

/** Only the parsed operation shows whether a request is a query or a mutation. */
const markQueriesReadOnly: ApolloServerPlugin = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation === OperationTypeNode.QUERY) markReadOnly();
    },
  }),
};

/** Keeps the raw body beside the parsed one, because the signature covers its bytes. */
function keepRawBody(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.decorateRequest('rawBody', '');
  app.decorateRequest('caller', null);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    request.rawBody = body as string;
    void parseJson(request, body as string, done);
  });
}
