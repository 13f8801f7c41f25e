import { Registry } from 'prom-client';
import { AdmissionControl } from '../../shared/admission';
import type { Caller } from '../../shared/caller';
import { createCounters } from '../../shared/counters';
import { createGuessLimits } from '../../shared/guessLimits';
import { createLogger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import { createSubgraphClient } from '../../shared/subgraphClient';
import { SIGNING_KEY } from '../../shared/test/askSubgraph';
import { catalogClient } from '../catalog/catalogClient';
import { stockClient } from '../catalog/stockClient';
import { orderCreate } from '../checkout/orderCreate.service';
import { PLACEMENTS } from '../checkout/placementLimits';
import { ORDER_SAGA } from '../checkout/sagaSteps';
import { type Db, openOrderDatabase } from '../database';
import { createOrderLinks } from '../orders/orderLinks';
import { manualProvider } from '../payment/manualProvider';
import type { PaymentProviders } from '../payment/paymentProvider';
import { RefundWorker } from '../payment/refundWorker';
import { ResolverContext } from '../resolverContext';
import { SagaEngine, type SagaRunner } from '../saga/sagaEngine';
import { recoverDue } from '../saga/sagaRecovery';
import { orderInput } from './factories';

/** The part of an order subgraph's process that places and recovers orders. Several can share a database; background tasks do not run. */
export interface OrderProcess {
  db: Db;
  saga: SagaRunner & { settled(): Promise<void> };
  /** Places an order, and waits for its decision as orderCreate does. @returns its id. */
  place(caller: Caller): Promise<string>;
  /** One batch of recovery. @returns how many sagas were due. */
  recover(stopping?: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

export async function startOrderProcess(appUrl: string, productUrl: string): Promise<OrderProcess> {
  const logger = createLogger('order', 'silent');
  const { db, close } = await openOrderDatabase(appUrl, 5);
  const product = createSubgraphClient(productUrl, 'product', SIGNING_KEY);
  const providers: PaymentProviders = { MANUAL: manualProvider({ magic: true }), STRIPE: null };
  const dependencies = { db, stock: stockClient(product), providers };
  const saga = new SagaEngine(ORDER_SAGA, dependencies, logger);
  const services = {
    saga,
    refunds: new RefundWorker(dependencies, logger),
    catalog: catalogClient(product),
    links: createOrderLinks(SIGNING_KEY),
    guesses: createGuessLimits(createCounters(undefined, logger), new Registry()),
    providers,
    admission: new AdmissionControl(PLACEMENTS),
  };
  return {
    db,
    saga,
    place: (caller) =>
      runInScope({ tenantId: caller.tenantId ?? '' }, async () => {
        const ctx = new ResolverContext(caller, db, () => new AbortController().signal, services);
        const { order } = await orderCreate(ctx, { ...orderInput() });
        if (!order) throw new Error('The order was refused');
        return order.id;
      }),
    recover: (stopping) => recoverDue(db, saga, logger, stopping),
    close: async () => {
      await saga.settled();
      await product.close();
      await close();
    },
  };
}
