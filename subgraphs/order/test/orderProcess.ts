import type { Caller } from '../../shared/caller';
import { createLogger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import { createSubgraphClient } from '../../shared/subgraphClient';
import { SIGNING_KEY } from '../../shared/test/askSubgraph';
import { catalogClient } from '../catalog/catalogClient';
import { stockClient } from '../catalog/stockClient';
import { ADMISSION, AdmissionControl } from '../checkout/admission';
import { orderCreate } from '../checkout/orderCreate.service';
import { Context } from '../context';
import { type Db, openOrderDatabase } from '../database';
import { createOrderLinks } from '../orders/orderLinks';
import { manualProvider } from '../payment/manualProvider';
import { RefundWork } from '../payment/refundWork';
import { SagaEngine } from '../saga/sagaEngine';
import { recoverDue } from '../saga/sagaRecovery';
import { orderInput } from './factories';

/** As much of an order subgraph's process as places and recovers orders: several share a database, and none runs by itself. */
export interface OrderProcess {
  db: Db;
  saga: SagaEngine;
  /** Writes an order down and drives it as far as its caller would wait. @returns its id. */
  place(caller: Caller): Promise<string>;
  /** One round of recovery. @returns how many sagas were due. */
  recover(stopping?: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

export async function startOrderProcess(appUrl: string, productUrl: string): Promise<OrderProcess> {
  const logger = createLogger('order', 'silent');
  const { db, close } = await openOrderDatabase(appUrl, 5);
  const product = createSubgraphClient(productUrl, 'product', SIGNING_KEY);
  const providers = { MANUAL: manualProvider({ magic: true }), STRIPE: null };
  const world = { db, stock: stockClient(product), providers };
  const saga = new SagaEngine(world, logger);
  const refunds = new RefundWork(world, logger);
  const admission = new AdmissionControl(ADMISSION);
  return {
    db,
    saga,
    place: (caller) =>
      runInScope({ tenantId: caller.tenantId ?? '' }, async () => {
        const ctx = new Context(
          caller,
          db,
          saga,
          refunds,
          catalogClient(product),
          createOrderLinks(SIGNING_KEY),
          providers,
          admission,
          () => new AbortController().signal,
        );
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
