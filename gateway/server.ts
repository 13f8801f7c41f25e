import type { AddressInfo } from 'node:net';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance } from 'fastify';
import { Agent } from 'undici';
import { AUDIENCES, type Audience } from '../subgraphs/shared/caller';
import { createLifecycleClient } from '../subgraphs/shared/lifecycle/lifecycleClient';
import { createLogger, type Logger } from '../subgraphs/shared/log';
import { createSubgraphClient, type SubgraphClient } from '../subgraphs/shared/subgraphClient';
import { createCallerIdentification } from './caller/identifyCaller';
import { createMemberAccess } from './caller/memberAccess';
import { createStoreLookup } from './caller/storeLookup';
import { disableVendorTelemetry, type GatewayEnv } from './env';
import { listenToBroker } from './events/brokerListener';
import { eventListener } from './events/eventListener';
import { toClientError } from './execution/clientErrors';
import type { GatewayContext } from './execution/context';
import { createImpersonationLog } from './execution/impersonationLog';
import { requestPlugin } from './execution/requestPlugin';
import { createSubgraphDataSource } from './execution/subgraphDataSource';
import { SUPERGRAPH_FILE, supergraphFromFile } from './execution/supergraphFile';
import { clientAddressOf } from './http/clientAddress';
import { allowOrigins } from './http/cors';
import { createHttpServer } from './http/httpServer';
import { createAuthenticator } from './identity/auth';
import { clerkKeys } from './identity/clerkKeys';
import { type Budgets, createBudgets } from './limits/budgets';
import { MAX_TOKENS } from './limits/queryCost';
import { limitRefused } from './limits/rejectedRequests';
import { forwardWebhooks } from './routes/forwardWebhooks';
import { health } from './routes/health';
import { mediaProxy } from './routes/mediaProxy';
import { storeExport } from './routes/storeExport';

export interface RunningGateway {
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  url: string;
  /** Stops accepting, lets what is under way finish, and closes every connection. */
  stop(): Promise<void>;
}

/** Starts the gateway; no subgraph needs to be alive. @throws when the supergraph can't be loaded or the port is taken. */
export async function startGateway(
  env: GatewayEnv,
  {
    supergraphFile = SUPERGRAPH_FILE,
    log = createLogger('gateway', env.LOG_LEVEL),
  }: { supergraphFile?: string; log?: Logger } = {},
): Promise<RunningGateway> {
  disableVendorTelemetry();
  const urls = { tenant: env.TENANT_SUBGRAPH_URL, product: env.PRODUCT_SUBGRAPH_URL, order: env.ORDER_SUBGRAPH_URL };
  const clients = eachSubgraph((name) => createSubgraphClient(urls[name], name, env.CALLER_SIGNING_KEY));
  const lifecycle = eachSubgraph((name) => createLifecycleClient(urls[name], name, env.CALLER_SIGNING_KEY));
  const origins = eachSubgraph((name) => new URL(urls[name]).origin);
  const dispatcher = new Agent({ connections: 16, maxResponseSize: 1024 * 1024 });

  const app = createHttpServer(log, env.TRUSTED_PROXIES);
  const stores = createStoreLookup(clients.tenant);
  const members = createMemberAccess(clients.tenant, log);
  const identifyCaller = createCallerIdentification(
    createAuthenticator(env, clerkKeys(env, log)),
    stores.find,
    members.find,
    env.BASE_DOMAIN,
  );
  const budgets = createBudgets({ callerPerMinute: env.CALLER_COST_PER_MINUTE, redisUrl: env.REDIS_URL, log });
  const plugin = requestPlugin(identifyCaller, budgets, createImpersonationLog(clients.tenant), log);
  const apollo = createApolloServer(env, app, clients, plugin, supergraphFile, log);
  await apollo.start();
  let serving = true;

  await allowOrigins(app, env.CORS_ORIGINS);
  addGraphqlRoute(app, apollo, budgets);
  const forgetStores = () => {
    stores.forget();
    members.forget();
  };
  const forwarding = { dispatcher, limits: limitRefused(budgets, 'webhook'), log };
  const forClerk = { sender: 'clerk', origin: origins.tenant, onTakenIn: forgetStores } as const;
  await app.register(forwardWebhooks, { ...forClerk, ...forwarding });
  await app.register(forwardWebhooks, { sender: 'stripe', origin: origins.order, ...forwarding });
  const brokerListener = env.RABBITMQ_URL
    ? await listenToBroker(
        { url: env.RABBITMQ_URL, prefix: env.RABBITMQ_PREFIX },
        env.CALLER_SIGNING_KEY,
        forgetStores,
        log,
      )
    : null;
  await app.register(eventListener, { signingKey: env.CALLER_SIGNING_KEY, onStoreChanged: forgetStores, log });
  await app.register(storeExport, { identifyCaller, budgets, subgraphs: lifecycle, log });
  await app.register(mediaProxy, { productOrigin: origins.product, log });
  await app.register(health, { origins, isServing: () => serving, dispatcher, log });
  await app.listen({ port: env.GATEWAY_PORT, host: env.GATEWAY_HOST });
  const url = `http://${env.GATEWAY_HOST}:${(app.server.address() as AddressInfo).port}`;
  log.info({ url: `${url}/graphql` }, 'gateway listens');

  return {
    url,
    async stop() {
      serving = false;
      await apollo.stop();
      budgets.close();
      await Promise.all([
        brokerListener?.stop(),
        dispatcher.close(),
        ...AUDIENCES.flatMap((name) => [clients[name].close(), lifecycle[name].close()]),
      ]);
    },
  };
}

function createApolloServer(
  env: GatewayEnv,
  app: FastifyInstance,
  clients: Record<Audience, SubgraphClient>,
  plugin: ApolloServerPlugin<GatewayContext>,
  supergraphFile: string,
  log: Logger,
): ApolloServer<GatewayContext> {
  const production = env.NODE_ENV === 'production';
  const gateway = new ApolloGateway({
    supergraphSdl: supergraphFromFile(supergraphFile, env.NODE_ENV === 'development', log),
    buildService: ({ name }) => createSubgraphDataSource(audienceOf(name), clients[audienceOf(name)], log),
    __exposeQueryPlanExperimental: !production,
    logger: log,
  });
  return new ApolloServer<GatewayContext>({
    gateway,
    nodeEnv: env.NODE_ENV,
    introspection: !production,
    hideSchemaDetailsFromClientErrors: production,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    parseOptions: { maxTokens: MAX_TOKENS },
    stopOnTerminationSignals: false,
    formatError: toClientError,
    logger: log,
    plugins: [
      plugin,
      production ? ApolloServerPluginLandingPageDisabled() : ApolloServerPluginLandingPageLocalDefault({ embed: true }),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      fastifyApolloDrainPlugin(app),
    ],
  });
}

function addGraphqlRoute(app: FastifyInstance, apollo: ApolloServer<GatewayContext>, budgets: Budgets): void {
  const execute = fastifyApolloHandler(apollo, {
    context: async (request, reply) => {
      const line = { tenantId: null, userId: null, operation: null };
      request.graphqlLine = line;
      const address = clientAddressOf(request);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const { headersDistinct: headers } = request.raw;
      return { requestId: request.id, headers, address, caller: null, line, gone: gone.signal };
    },
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    ...limitRefused(budgets, 'document'),
    async handler(request, reply) {
      const body: unknown = await execute.call(app, request, reply);
      return reply.statusCode >= 400 && typeof body === 'string' ? withRequestId(body, request.id) : body;
    },
  });
}

/** Apollo Server refuses what isn't a GraphQL request before any plugin knows of it: such an error has no request id yet. */
function withRequestId(body: string, requestId: string): string {
  const answer = JSON.parse(body) as { errors?: { extensions?: Record<string, unknown> }[] };
  for (const error of answer.errors ?? []) error.extensions = { ...error.extensions, requestId };
  return JSON.stringify(answer);
}

function eachSubgraph<Value>(make: (name: Audience) => Value): Record<Audience, Value> {
  return { tenant: make('tenant'), product: make('product'), order: make('order') };
}

function audienceOf(subgraph: string): Audience {
  const audience = AUDIENCES.find((name) => name === subgraph);
  if (!audience) throw new Error(`The supergraph names a subgraph that the gateway has no address for: ${subgraph}`);
  return audience;
}
