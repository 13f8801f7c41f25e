import { Registry } from 'prom-client';
import { createCounters } from '../shared/counters';
import { startEvents } from '../shared/events/startEvents';
import { createGuessLimits } from '../shared/guessLimits';
import { lifecycleRoute } from '../shared/lifecycle/lifecycle.route';
import { createLifecycleClient } from '../shared/lifecycle/lifecycleClient';
import { createLogger } from '../shared/log';
import { type RunningSubgraph, startSubgraph } from '../shared/startSubgraph';
import { createSubgraphClient } from '../shared/subgraphClient';
import { addressGuard } from '../shared/webhooks/publicAddress';
import { createSecretBox } from '../shared/webhooks/secretBox';
import { manualBilling } from './billing/billingProvider';
import { startRenewals } from './billing/renewal';
import { createProductCount } from './billing/usage';
import { clerkWebhookRoute } from './clerkWebhook/clerkWebhook.route';
import { Context } from './context';
import { openTenantDatabase } from './database';
import type { BillingProvider, Dependencies } from './dependencies';
import { createDomainVerification } from './domain/domainVerification';
import type { Env } from './env';
import { RETAINED_TABLES, startErasures } from './lifecycle/erasure';
import { startDeliveryPruning } from './merchantWebhook/deliveryPruning';
import { merchantWebhooks } from './merchantWebhook/merchantWebhook.consumer';
import { startWebhookDeliveries } from './merchantWebhook/webhookDeliveries';
import { registerWebhookMetrics } from './merchantWebhook/webhookMetrics';
import { createWebhookSender } from './merchantWebhook/webhookSender';
import { createVisibleEntities } from './node/visibleEntities';
import { startReconciliation } from './reconcile/schedule';
import { resolvers } from './resolvers';
import { rules } from './rules';

/** Starts the tenant subgraph: stores, their members, domains, settings, billing and webhooks. */
export async function startTenantSubgraph(
  env: Env,
  billingProvider: BillingProvider = manualBilling,
): Promise<RunningSubgraph> {
  const logger = createLogger('tenant', env.LOG_LEVEL);
  const { db, inTransaction, ready, close, connections } = await openTenantDatabase(env.TENANT_DATABASE_URL);
  const metrics = new Registry();
  const events = await startEvents({
    subgraph: 'tenant',
    db,
    listenUrl: env.TENANT_DATABASE_DIRECT_URL ?? env.TENANT_DATABASE_URL,
    consumers: [merchantWebhooks],
    env,
    metrics,
    logger,
  });
  const others = {
    product: createLifecycleClient(env.PRODUCT_SUBGRAPH_URL, 'product', env.CALLER_SIGNING_KEY),
    order: createLifecycleClient(env.ORDER_SUBGRAPH_URL, 'order', env.CALLER_SIGNING_KEY),
  };
  const subgraphs = {
    product: createSubgraphClient(env.PRODUCT_SUBGRAPH_URL, 'product', env.CALLER_SIGNING_KEY),
    order: createSubgraphClient(env.ORDER_SUBGRAPH_URL, 'order', env.CALLER_SIGNING_KEY),
  };
  const erasures = startErasures({ db, inTransaction, others, logger });
  const renewals = startRenewals({ db, provider: billingProvider, logger });
  const allowAddress = addressGuard(env.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES);
  const webhooks = {
    secrets: createSecretBox(env.WEBHOOK_SECRETS_KEY ?? env.CALLER_SIGNING_KEY),
    endpoints: { allowAddress, allowHttp: env.NODE_ENV !== 'production' },
  };
  const sender = createWebhookSender(allowAddress);
  const deliveries = startWebhookDeliveries({ db, sender, secrets: webhooks.secrets, logger });
  registerWebhookMetrics(metrics, db, logger);
  const deliveryPruning = startDeliveryPruning(db, logger);
  const { CLERK_SECRET_KEY, CLERK_API_URL, RECONCILE_INTERVAL_SECONDS } = env;
  const reconciliation =
    CLERK_SECRET_KEY === undefined
      ? null
      : startReconciliation(
          db,
          { secretKey: CLERK_SECRET_KEY, apiUrl: CLERK_API_URL, intervalMs: RECONCILE_INTERVAL_SECONDS * 1000 },
          logger,
        );
  const counters = createCounters(env.REDIS_URL, logger);
  const dependencies: Dependencies = {
    db,
    logger,
    baseDomain: env.BASE_DOMAIN,
    verifyDomain: createDomainVerification(env.DNS_SERVERS),
    guesses: createGuessLimits(counters, metrics),
    billingProvider,
    countProducts: createProductCount(subgraphs.product),
    visibleEntities: createVisibleEntities(subgraphs),
    webhooks,
  };
  const addLifecycleRoute = lifecycleRoute({ inTransaction, database: 'tenant', kept: RETAINED_TABLES, logger });
  const addClerkWebhookRoute = clerkWebhookRoute(db, env.CLERK_WEBHOOK_SIGNING_SECRET, logger);
  return startSubgraph({
    name: 'tenant',
    host: env.SUBGRAPH_HOST,
    port: env.TENANT_PORT,
    signingKey: env.CALLER_SIGNING_KEY,
    drainMs: env.DRAIN_SECONDS * 1_000,
    folder: __dirname,
    resolvers,
    rules,
    createContext: (caller) => new Context(caller, dependencies),
    logger,
    metrics,
    connections,
    ready,
    close: async () => {
      await events.stop();
      await Promise.all([erasures.stop(), renewals.stop(), reconciliation?.stop()]);
      await Promise.all([deliveries.stop(), deliveryPruning.stop()]);
      counters.close();
      await Promise.all([others.product.close(), others.order.close()]);
      await Promise.all([subgraphs.product.close(), subgraphs.order.close()]);
      await close();
    },
    routes: (app, admit) => {
      addClerkWebhookRoute(app);
      addLifecycleRoute(app, admit);
      events.routes(app, admit);
    },
  });
}
