import type { StockClient } from '../catalog/stockClient';
import type { CreditPlan } from '../credit/planCredit';
import type { Db } from '../database';
import type { PlacedOrder } from '../orders/placedOrder';
import type { PaymentProviders, PaymentState } from '../payment/paymentProvider';
import type { InTransaction, LeasedSaga, StepInTransaction, StepResult, StepWrites } from '../saga/sagaStep';
import type { OrderToPrice } from './orderPrice';

/** The dependencies of the steps of an order's saga. */
export interface CheckoutDependencies {
  db: Db;
  stock: StockClient;
  providers: PaymentProviders;
}

/** What this process has written of the order that it is placing: a cache that saves reading it again. */
export interface CheckoutMemo {
  /** Until the order is priced. Optimistic locking: it is priced only at this version. */
  order: OrderToPrice;
  /** Only within the transaction that wrote the reservation, which has the lock of the order's row. */
  placed: PlacedOrder;
  /** What is to be taken from gift cards and store credit: as `placed`. */
  credit: CreditPlan;
  /** Null when nothing has to be paid. A write fails with PaymentChanged when it is out of date. */
  payment: PaymentState | null;
}

export type CheckoutSaga = LeasedSaga<CheckoutMemo>;
export type CheckoutTransaction = InTransaction<CheckoutDependencies>;
export type CheckoutResult = StepResult<CheckoutMemo>;
export type CheckoutWrites = StepWrites<CheckoutMemo>;
export type CheckoutStepInTransaction = StepInTransaction<CheckoutDependencies, CheckoutMemo>;
