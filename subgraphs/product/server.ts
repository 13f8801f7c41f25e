import { Registry } from 'prom-client';
import { startEvents } from '../shared/events/startEvents';
import { lifecycleRoute } from '../shared/lifecycle/lifecycle.route';
import { createLogger } from '../shared/log';
import { type RunningSubgraph, startSubgraph } from '../shared/startSubgraph';
import { startBulkWorker } from './bulk/bulkWorker';
import { startPlannedPublications } from './catalog/plannedPublications';
import { Context } from './context';
import { openProductDatabase } from './database';
import type { Env } from './env';
import { createMedia } from './files/media';
import { mediaRoute } from './files/media.route';
import { startMediaSweep } from './files/mediaSweep';
import { startReservationExpiry } from './inventory/reservationExpiry';
import { searchLanguage, startSearchReindex } from './listing/searchLanguage';
import { isAwaitedUpload } from './media/stagedUploads.service';
import { resolvers } from './resolvers';
import { rules } from './rules';
import { productSales } from './sales/productSales.consumer';
import { productStores } from './store/store.consumer';

/** Starts the product subgraph: catalog and inventory. */
export async function startProductSubgraph(env: Env): Promise<RunningSubgraph> {
  const logger = createLogger('product', env.LOG_LEVEL);
  const { db, inTransaction, ready, close, connections } = await openProductDatabase(env.PRODUCT_DATABASE_URL);
  const metrics = new Registry();
  const events = await startEvents({
    subgraph: 'product',
    db,
    listenUrl: env.PRODUCT_DATABASE_DIRECT_URL ?? env.PRODUCT_DATABASE_URL,
    consumers: [productSales, searchLanguage, productStores],
    env,
    metrics,
    logger,
  });
  const expiry = startReservationExpiry(db, logger);
  const publications = startPlannedPublications(db, logger);
  const reindex = startSearchReindex(db, logger);
  const media = createMedia(env, logger);
  const mediaSweep = startMediaSweep(db, media.store, logger);
  const bulkWorker = startBulkWorker(db, media, logger);
  const serveLifecycle = lifecycleRoute({
    inTransaction,
    database: 'product',
    eraseElsewhere: async (tenantId) => ({ files: await media.erase(tenantId) }),
    logger,
  });
  const serveMedia = mediaRoute(media, (tenantId, fileId) => isAwaitedUpload(db, tenantId, fileId));
  return startSubgraph({
    name: 'product',
    host: env.SUBGRAPH_HOST,
    port: env.PRODUCT_PORT,
    signingKey: env.CALLER_SIGNING_KEY,
    drainMs: env.DRAIN_SECONDS * 1_000,
    folder: __dirname,
    resolvers,
    rules,
    createContext: (caller) => new Context(caller, db, media),
    logger,
    metrics,
    connections,
    ready,
    close: async () => {
      await events.stop();
      await Promise.all([expiry.stop(), publications.stop(), reindex.stop(), mediaSweep.stop(), bulkWorker.stop()]);
      await close();
    },
    routes: (app, admit) => {
      serveLifecycle(app, admit);
      events.routes(app, admit);
      serveMedia(app);
    },
  });
}
