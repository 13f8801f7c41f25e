import { Registry } from 'prom-client';
import { AdmissionControl } from '../shared/admission';
import { createCounters } from '../shared/counters';
import { startEvents } from '../shared/events/startEvents';
import { createGuessLimits } from '../shared/guessLimits';
import { lifecycleRoute } from '../shared/lifecycle/lifecycle.route';
import { createLogger } from '../shared/log';
import { type RunningSubgraph, startSubgraph } from '../shared/startSubgraph';
import { createSubgraphClient } from '../shared/subgraphClient';
import { startPaymentExpiry } from './cancellation/paymentExpiry';
import { startCartExpiry } from './cart/cartExpiry';
import { catalogClient } from './catalog/catalogClient';
import { stockClient } from './catalog/stockClient';
import { registerAdmissionMetrics } from './checkout/admissionMetrics';
import { PLACEMENTS } from './checkout/placementLimits';
import { ORDER_SAGA } from './checkout/sagaSteps';
import { createHookServices } from './checkoutHook/hookServices';
import { deletedUsers, startUserErasure } from './customer/deletedUsers';
import { openOrderDatabase } from './database';
import type { Env } from './env';
import { startIdempotencyExpiry } from './idempotency/keyExpiry';
import { createOrderLinks } from './orders/orderLinks';
import { startAuthorizationExpiry } from './payment/authorizationExpiry';
import { paymentProviders } from './payment/paymentProviders';
import { startRefundRecovery } from './payment/refundRecovery';
import { RefundWorker } from './payment/refundWorker';
import { openStripe } from './payment/stripe/stripeClient';
import { stripeWebhookRoute } from './payment/stripe/stripeWebhook.route';
import { ResolverContext, type Services } from './resolverContext';
import { resolvers } from './resolvers';
import { rules } from './rules';
import { holdForParent } from './saga/killTestHold';
import { SagaEngine } from './saga/sagaEngine';
import { registerSagaMetrics } from './saga/sagaMetrics';
import { startSagaRecovery } from './saga/sagaRecovery';
import { orderStores } from './store/store.consumer';

/** Shorter than the gateway's own timeout, so that a caller is answered with a PENDING order before the gateway gives up. */
const STOCK_TIMEOUT_MS = 4_000;

/** Starts the order subgraph: carts, orders, payments, and the saga that places an order. */
export async function startOrderSubgraph(env: Env): Promise<RunningSubgraph> {
  const logger = createLogger('order', env.LOG_LEVEL);
  const { db, inTransaction, ready, close, connections } = await openOrderDatabase(env.ORDER_DATABASE_URL);
  const metrics = new Registry();
  const events = await startEvents({
    subgraph: 'order',
    db,
    listenUrl: env.ORDER_DATABASE_DIRECT_URL ?? env.ORDER_DATABASE_URL,
    consumers: [deletedUsers, orderStores],
    env,
    metrics,
    logger,
  });
  const product = createSubgraphClient(env.PRODUCT_SUBGRAPH_URL, 'product', env.CALLER_SIGNING_KEY, {
    timeoutMs: STOCK_TIMEOUT_MS,
  });
  const stripe = env.STRIPE_SECRET_KEY
    ? openStripe({ secretKey: env.STRIPE_SECRET_KEY, apiUrl: env.STRIPE_API_URL })
    : null;
  const providers = paymentProviders({
    production: env.NODE_ENV === 'production',
    stripe: stripe?.stripe ?? null,
    publishableKey: env.STRIPE_PUBLISHABLE_KEY ?? null,
  });
  const dependencies = { db, stock: stockClient(product), providers };
  const saga = new SagaEngine(ORDER_SAGA, dependencies, logger, env.SAGA_HOLD && holdForParent(process));
  const refunds = new RefundWorker(dependencies, logger);
  const counters = createCounters(env.REDIS_URL, logger);
  const hooks = createHookServices({
    secretKeys: env.WEBHOOK_SECRETS_KEY ?? env.CALLER_SIGNING_KEY,
    allowed: env.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES,
    allowHttp: env.NODE_ENV !== 'production',
    counters,
    metrics,
    logger,
  });
  const services: Services = {
    hooks,
    saga,
    refunds,
    providers,
    catalog: catalogClient(product),
    links: createOrderLinks(env.ORDER_LINKS_KEY ?? env.CALLER_SIGNING_KEY),
    admission: new AdmissionControl(PLACEMENTS),
    guesses: createGuessLimits(counters, metrics),
  };
  registerSagaMetrics(metrics, db, logger);
  registerAdmissionMetrics(metrics, services.admission);
  const tasks = [
    startSagaRecovery(db, saga, logger),
    startRefundRecovery(db, refunds, logger),
    startIdempotencyExpiry(db, logger),
    startCartExpiry(db, logger),
    startPaymentExpiry(db, saga, logger),
    startAuthorizationExpiry({ db, providers, logger }),
    startUserErasure(db, logger),
  ];
  const lifecycle = lifecycleRoute({ inTransaction, database: 'order', logger });
  const stripeWebhook =
    stripe &&
    providers.STRIPE &&
    stripeWebhookRoute(
      { db, provider: providers.STRIPE, saga, refunds, logger },
      stripe.stripe,
      env.STRIPE_WEBHOOK_SIGNING_SECRET ?? [],
      metrics,
    );
  return startSubgraph({
    name: 'order',
    host: env.SUBGRAPH_HOST,
    port: env.ORDER_PORT,
    signingKey: env.CALLER_SIGNING_KEY,
    drainMs: env.DRAIN_SECONDS * 1_000,
    folder: __dirname,
    resolvers,
    rules,
    createContext: (caller, abortSignal) => new ResolverContext(caller, db, abortSignal, services),
    logger,
    metrics,
    connections,
    ready,
    close: async () => {
      await events.stop();
      await Promise.all(tasks.map((task) => task.stop()));
      await saga.settled();
      await refunds.settled();
      stripe?.close();
      await hooks.client.close();
      counters.close();
      await product.close();
      await close();
    },
    routes: (app, admit) => {
      lifecycle(app, admit);
      events.routes(app, admit);
      stripeWebhook?.(app);
    },
  });
}
