import { Registry } from 'prom-client';
import { AdmissionControl } from '../../shared/admission';
import type { Caller } from '../../shared/caller';
import { createCounters } from '../../shared/counters';
import { createGuessLimits } from '../../shared/guessLimits';
import { createLogger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import { createSubgraphClient } from '../../shared/subgraphClient';
import { SIGNING_KEY } from '../../shared/test/askSubgraph';
import { UserErrors } from '../../shared/userErrors';
import { catalogClient } from '../catalog/catalogClient';
import { stockClient } from '../catalog/stockClient';
import { orderCreate } from '../checkout/orderCreate.service';
import { PLACEMENTS } from '../checkout/placementLimits';
import { ORDER_SAGA } from '../checkout/sagaSteps';
import { createHookServices } from '../checkoutHook/hookServices';
import { type Db, openOrderDatabase } from '../database';
import { createOrderLinks } from '../orders/orderLinks';
import { paymentProviders } from '../payment/paymentProviders';
import { RefundWorker } from '../payment/refundWorker';
import { ResolverContext } from '../resolverContext';
import { SagaEngine, type SagaRunner } from '../saga/sagaEngine';
import { recoverDue } from '../saga/sagaRecovery';
import { orderInput } from './factories';
import { TEST_METHOD } from './testMethod';

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

/** @param production whether it refuses test payments. */
export async function startOrderProcess(appUrl: string, productUrl: string, production = false): Promise<OrderProcess> {
  const logger = createLogger('order', 'silent');
  const { db, close } = await openOrderDatabase(appUrl, 5);
  const product = createSubgraphClient(productUrl, 'product', SIGNING_KEY);
  const providers = paymentProviders({ production, stripe: null, publishableKey: null });
  const dependencies = { db, stock: stockClient(product), providers };
  const saga = new SagaEngine(ORDER_SAGA, dependencies, logger);
  const counters = createCounters(undefined, logger);
  const metrics = new Registry();
  const hooks = createHookServices({
    secretKeys: [SIGNING_KEY],
    allowed: [],
    allowHttp: true,
    counters,
    metrics,
    logger,
  });
  const services = {
    hooks,
    saga,
    refunds: new RefundWorker(dependencies, logger),
    catalog: catalogClient(product),
    links: createOrderLinks(SIGNING_KEY),
    guesses: createGuessLimits(counters, metrics),
    providers,
    admission: new AdmissionControl(PLACEMENTS),
  };
  return {
    db,
    saga,
    place: (caller) =>
      runInScope({ tenantId: caller.tenantId ?? '' }, async () => {
        const method = { kind: 'TEST' as const, name: 'Test', position: 0 };
        const row = { ...method, tenantId: caller.tenantId ?? '', id: TEST_METHOD };
        await db.paymentMethod.createMany({ data: [row], skipDuplicates: true });
        const ctx = new ResolverContext(caller, db, () => new AbortController().signal, services);
        const { order, userErrors } = await orderCreate(ctx, { ...orderInput() });
        if (!order) throw new UserErrors(...userErrors);
        return order.id;
      }),
    recover: (stopping) => recoverDue(db, saga, logger, stopping),
    close: async () => {
      await saga.settled();
      await hooks.client.close();
      await product.close();
      await close();
    },
  };
}
