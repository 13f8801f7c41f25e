import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { Registry } from 'prom-client';
import { Agent } from 'undici';
import { AUDIENCES, type Audience } from '../subgraphs/shared/caller';
import { createCounters } from '../subgraphs/shared/counters';
import { createLifecycleClient } from '../subgraphs/shared/lifecycle/lifecycleClient';
import { createLogger, type Logger } from '../subgraphs/shared/log';
import { countGraphqlErrors } from '../subgraphs/shared/metrics/graphqlErrors';
import { addMetricsRoute } from '../subgraphs/shared/metrics/requestMetrics';
import { createSubgraphClient } from '../subgraphs/shared/subgraphClient';
import { createAppTokenLookup } from './caller/appTokens';
import { createCallerIdentification } from './caller/identifyCaller';
import { createMemberAccess } from './caller/memberAccess';
import { createStoreLookup } from './caller/storeLookup';
import { createFindStoreOfOrigin } from './caller/storeOrigin';
import { disableVendorTelemetry, type GatewayEnv } from './env';
import { listenToBroker } from './events/brokerListener';
import { eventListener } from './events/eventListener';
import { createApolloServer } from './execution/apolloServer';
import { addGraphqlRoute } from './execution/graphqlRoute';
import { createImpersonationLog } from './execution/impersonationLog';
import { operationMetrics } from './execution/operationMetrics';
import { requestPlugin } from './execution/requestPlugin';
import { createSubgraphMetrics } from './execution/subgraphMetrics';
import { SUPERGRAPH_FILE } from './execution/supergraphFile';
import { answerBrowsers } from './http/browserPages';
import { allowOrigins } from './http/cors';
import { createHttpServer } from './http/httpServer';
import { startMetricsServer } from './http/metricsServer';
import { PLAIN_PAGES } from './http/plainPages';
import { createAuthenticator } from './identity/auth';
import { clerkKeys } from './identity/clerkKeys';
import { createRefusalLog } from './identity/refusalLog';
import { createRateLimits } from './limits/rateLimits';
import { limitRejected } from './limits/rejectedRequests';
import { storesPages } from './limits/storesPages';
import { docsPages } from './rest/docsPages';
import { restRoutes } from './rest/restRoutes';
import { forwardWebhooks } from './routes/forwardWebhooks';
import { health } from './routes/health';
import { mediaProxy } from './routes/mediaProxy';
import { publicSchema } from './routes/publicSchema';
import { storeExport } from './routes/storeExport';

export interface RunningGateway {
  drainMs: number;
  /** Its origin, such as `http://127.0.0.1:3000`. */
  url: string;
  /** Graceful shutdown: accepts no more requests, finishes those in flight, and closes every connection. */
  stop(): Promise<void>;
}

/** Starts the gateway; the subgraphs may be down. @throws when the supergraph can't be loaded or the port is taken. */
export async function startGateway(
  env: GatewayEnv,
  {
    supergraphFile = SUPERGRAPH_FILE,
    log = createLogger('gateway', env.LOG_LEVEL),
    addPages = (app: FastifyInstance) => answerBrowsers(app, PLAIN_PAGES),
  }: { supergraphFile?: string; log?: Logger; addPages?: (app: FastifyInstance) => void } = {},
): Promise<RunningGateway> {
  disableVendorTelemetry();
  const urls = { tenant: env.TENANT_SUBGRAPH_URL, product: env.PRODUCT_SUBGRAPH_URL, order: env.ORDER_SUBGRAPH_URL };
  const clients = eachSubgraph((name) => createSubgraphClient(urls[name], name, env.CALLER_SIGNING_KEY));
  const lifecycle = eachSubgraph((name) => createLifecycleClient(urls[name], name, env.CALLER_SIGNING_KEY));
  const origins = eachSubgraph((name) => new URL(urls[name]).origin);
  const dispatcher = new Agent({ connections: 16, maxResponseSize: 1024 * 1024 });

  const metrics = new Registry();
  const subgraphMetrics = createSubgraphMetrics(metrics);
  const app = createHttpServer(log, env.TRUSTED_PROXIES, metrics);
  const stores = createStoreLookup(clients.tenant);
  const members = createMemberAccess(clients.tenant, log);
  const appTokens = createAppTokenLookup(clients.tenant);
  const findStoreOfOrigin = createFindStoreOfOrigin(stores.find, env.NODE_ENV !== 'production');
  const identifyCaller = createCallerIdentification({
    authenticate: createAuthenticator(env, clerkKeys(env, log)),
    findStore: stores.find,
    findStoreOfOrigin,
    findMemberAccess: members.find,
    findAppToken: appTokens.find,
    logRefusal: createRefusalLog(log),
    baseDomain: env.BASE_DOMAIN,
  });
  const counters = createCounters(env.REDIS_URL, log);
  const rateLimits = createRateLimits({ callerPerMinute: env.CALLER_COST_PER_MINUTE, counters });
  const plugins = [
    requestPlugin(identifyCaller, appTokens.find, rateLimits, createImpersonationLog(clients.tenant), log),
    operationMetrics(metrics),
    countGraphqlErrors(metrics),
  ];
  let schema: GraphQLSchema | null = null;
  const apollo = await createApolloServer(
    env,
    app,
    clients,
    plugins,
    subgraphMetrics,
    supergraphFile,
    log,
    (loaded) => {
      schema = loaded;
    },
  );
  await apollo.start();
  let serving = true;
  // A client that keeps its connection would send its next request to a process that is about to end.
  app.addHook('onSend', async (_request, reply) => {
    if (!serving) reply.header('connection', 'close');
  });

  await allowOrigins(app, { origins: env.CORS_ORIGINS, isStores: storesPages(findStoreOfOrigin, rateLimits, log) });
  addPages(app);
  addGraphqlRoute(app, apollo, rateLimits);
  await app.register(restRoutes, { apollo, schema: () => schema, rateLimits, log });
  if (env.API_DOCS) await app.register(docsPages, { schema: () => schema, log });
  const invalidateCaches = () => {
    stores.invalidate();
    members.invalidate();
    appTokens.invalidate();
  };
  const forwarding = { dispatcher, limits: limitRejected(rateLimits, 'webhook'), log };
  const forClerk = { sender: 'clerk', origin: origins.tenant, onAccepted: invalidateCaches } as const;
  await app.register(forwardWebhooks, { ...forClerk, ...forwarding });
  await app.register(forwardWebhooks, { sender: 'stripe', origin: origins.order, ...forwarding });
  const brokerListener = env.RABBITMQ_URL
    ? await listenToBroker(
        { url: env.RABBITMQ_URL, prefix: env.RABBITMQ_PREFIX },
        env.CALLER_SIGNING_KEY,
        invalidateCaches,
        log,
      )
    : null;
  await app.register(eventListener, { signingKey: env.CALLER_SIGNING_KEY, onStoreChanged: invalidateCaches, log });
  await app.register(storeExport, { identifyCaller, rateLimits, subgraphs: lifecycle, log });
  await app.register(mediaProxy, { productOrigin: origins.product, log });
  // As introspection, which is off in production.
  if (env.NODE_ENV !== 'production') {
    await app.register(publicSchema, { schema: () => schema });
    addMetricsRoute(app, metrics);
  }
  const { circuits } = subgraphMetrics;
  await app.register(health, { origins, isServing: () => serving, circuits, dispatcher, log });
  await app.listen({ port: env.GATEWAY_PORT, host: env.GATEWAY_HOST });
  const metricsServer = env.METRICS_PORT
    ? await startMetricsServer(metrics, { host: env.GATEWAY_HOST, port: env.METRICS_PORT })
    : null;
  const url = `http://${env.GATEWAY_HOST}:${(app.server.address() as AddressInfo).port}`;
  log.info({ url: `${url}/graphql` }, 'gateway listens');

  return {
    url,
    drainMs: env.DRAIN_SECONDS * 1_000,
    async stop() {
      serving = false;
      await sleep(env.DRAIN_SECONDS * 1_000);
      await apollo.stop();
      counters.close();
      await Promise.all([
        brokerListener?.stop(),
        metricsServer?.stop(),
        dispatcher.close(),
        ...AUDIENCES.flatMap((name) => [clients[name].close(), lifecycle[name].close()]),
      ]);
    },
  };
}

function eachSubgraph<Value>(make: (name: Audience) => Value): Record<Audience, Value> {
  return { tenant: make('tenant'), product: make('product'), order: make('order') };
}
