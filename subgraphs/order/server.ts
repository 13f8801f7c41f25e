import { Registry } from 'prom-client';
import { startEvents } from '../shared/events/startEvents';
import { lifecycleRoute } from '../shared/lifecycle/lifecycle.route';
import { createLogger } from '../shared/log';
import { type RunningSubgraph, startSubgraph } from '../shared/startSubgraph';
import { createSubgraphClient } from '../shared/subgraphClient';
import { startCartExpiry } from './cart/cartExpiry';
import { catalogClient } from './catalog/catalogClient';
import { stockClient } from './catalog/stockClient';
import { ADMISSION, AdmissionControl } from './checkout/admission';
import { registerAdmissionMetrics } from './checkout/admissionMetrics';
import { Context } from './context';
import { deletedUsers, startUserErasure } from './customer/deletedUsers';
import { openOrderDatabase } from './database';
import type { Env } from './env';
import { startIdempotencyExpiry } from './idempotency/idempotencyExpiry';
import { createOrderLinks } from './orders/orderLinks';
import { manualProvider } from './payment/manualProvider';
import { RefundWork, startRefundRecovery } from './payment/refundWork';
import { openStripe } from './payment/stripe/stripeClient';
import { stripeProvider } from './payment/stripe/stripeProvider';
import { stripeWebhookRoute } from './payment/stripe/stripeWebhook.route';
import { resolvers } from './resolvers';
import { rules } from './rules';
import { SagaEngine } from './saga/sagaEngine';
import { holdForParent } from './saga/sagaHold';
import { registerSagaMetrics } from './saga/sagaMetrics';
import { startSagaRecovery } from './saga/sagaRecovery';
import { orderStores } from './store/store.consumer';

/** Shorter than the gateway's own limit: a caller hears of a PENDING order before the gateway gives up. */
const STOCK_TIMEOUT_MS = 4_000;

/** The order subgraph: purchases, and the saga that takes their stock from the product subgraph. */
export async function startOrderSubgraph(env: Env): Promise<RunningSubgraph> {
  const logger = createLogger('order', env.LOG_LEVEL);
  const { db, inTransaction, ping, close } = await openOrderDatabase(env.ORDER_DATABASE_URL);
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
  const providers = {
    MANUAL: manualProvider({ magic: env.NODE_ENV !== 'production' }),
    STRIPE: stripe && stripeProvider(stripe.stripe),
  };
  const holdAt = env.SAGA_HOLD && { holdAt: holdForParent(process) };
  const world = { db, stock: stockClient(product), providers, ...holdAt };
  const saga = new SagaEngine(world, logger);
  const admission = new AdmissionControl(ADMISSION);
  registerSagaMetrics(metrics, db);
  registerAdmissionMetrics(metrics, admission);
  const refunds = new RefundWork(world, logger);
  const tasks = [
    startSagaRecovery(db, saga, logger),
    startRefundRecovery(db, refunds, logger),
    startIdempotencyExpiry(db, logger),
    startCartExpiry(db, logger),
    startUserErasure(db, logger),
  ];
  const takeLifecycleOrders = lifecycleRoute({ inTransaction, database: 'order', logger });
  const takeStripeWebhooks =
    stripe &&
    stripeWebhookRoute(
      { db, provider: stripeProvider(stripe.stripe), saga, refunds, logger },
      stripe.stripe,
      env.STRIPE_WEBHOOK_SIGNING_SECRET ?? [],
      metrics,
    );
  const catalog = catalogClient(product);
  const links = createOrderLinks(env.CALLER_SIGNING_KEY);
  return startSubgraph({
    name: 'order',
    host: env.SUBGRAPH_HOST,
    port: env.ORDER_PORT,
    signingKey: env.CALLER_SIGNING_KEY,
    folder: __dirname,
    resolvers,
    rules,
    createContext: (caller, gone) => new Context(caller, db, saga, refunds, catalog, links, providers, admission, gone),
    logger,
    metrics,
    ready: ping,
    close: async () => {
      await events.stop();
      await Promise.all(tasks.map((task) => task.stop()));
      await saga.settled();
      await refunds.settled();
      stripe?.close();
      await product.close();
      await close();
    },
    routes: (app, admit) => {
      takeLifecycleOrders(app, admit);
      events.routes(app, admit);
      takeStripeWebhooks?.(app);
    },
  });
}
