import type { StockClient } from '../catalog/stockClient';
import type { Db } from '../database';
import type { PlacedOrder } from '../orders/placedOrder';
import type { PaymentProviders, PaymentState } from '../payment/paymentProvider';
import type { InTransaction, LeasedSaga, StepInTransaction, StepResult, StepWrites } from '../saga/sagaStep';
import type { OrderToPrice } from './orderPrice';

/** What the steps of an order's saga work with. */
export interface CheckoutDependencies {
  db: Db;
  stock: StockClient;
  providers: PaymentProviders;
}

/** What a process knows of an order that it is placing, because it has written it itself. */
export interface CheckoutMemo {
  /** Until it is priced, which is possible only at the version that it has here. */
  order: OrderToPrice;
  /** Within the transaction that has reserved its stock: nobody else changes the order meanwhile. */
  placed: PlacedOrder;
  /** Null where nothing is to be paid. Whoever changes it later checks that it is as it is here: see PaymentChanged. */
  payment: PaymentState | null;
}

export type CheckoutSaga = LeasedSaga<CheckoutMemo>;
export type CheckoutTransaction = InTransaction<CheckoutDependencies>;
export type CheckoutResult = StepResult<CheckoutMemo>;
export type CheckoutWrites = StepWrites<CheckoutMemo>;
export type CheckoutStepInTransaction = StepInTransaction<CheckoutDependencies, CheckoutMemo>;
