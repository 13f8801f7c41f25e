import type { UserError } from '../../shared/errors';
import type { NewEvent } from '../../shared/events/recordEvent';
import type { StockClient, StockErrorCode } from '../catalog/stockClient';
import type { OrderToPrice } from '../checkout/orderPrice';
import type { Db, Tx } from '../database';
import type { OrderSaga, OrderStatus } from '../generated/prisma/client';
import type { OrderErrorCode } from '../generated/resolvers';
import { canceledEvents } from '../orders/orderEvents';
import { changeStatus } from '../orders/orderStatus';
import type { PlacedOrder } from '../orders/placedOrder';
import type { HeldPayment, PaymentProviders } from '../payment/paymentProvider';
import type { HoldAt } from './sagaHold';
import { LeaseLost } from './sagaLease';

/** A saga as the process knows it that holds its lease. `overdue`: by the database's clock, when it was taken over. */
export type LeasedSaga = Pick<
  OrderSaga,
  | 'tenantId'
  | 'orderId'
  | 'step'
  | 'lines'
  | 'attempts'
  | 'fence'
  | 'paymentToken'
  | 'restock'
  | 'refund'
  | 'captureAsked'
> & { overdue: boolean; known?: SagaMemo };

/** What the process that holds a saga has written of its order itself, and does not read again. */
export interface SagaMemo {
  /** Until it is priced, which happens at the version that it has here. */
  order?: OrderToPrice;
  /** While the transaction lasts that has taken the order's stock: nobody else changes the order meanwhile. */
  placed?: PlacedOrder;
  /** Null where nothing is to be paid. Whoever changes it later asks whether it is as it is here: see PaymentMoved. */
  payment?: HeldPayment | null;
}

/** What the steps work with. */
export interface SagaDependencies {
  db: Db;
  stock: StockClient;
  providers: PaymentProviders;
  /** Only in the kill test. */
  holdAt?: HoldAt;
}

/** … in the transaction that leads to a step. */
export type SagaTransaction = Omit<SagaDependencies, 'db'> & { db: Tx };

export type Refusal = UserError<OrderErrorCode>[];

/** What a step leaves behind in its transaction: `events` are told when it commits. */
export interface Written {
  events?: NewEvent[];
  known?: SagaMemo;
}

type Write = (tx: Tx) => Promise<Written>;

/** How a step went. `write` is done in the transaction in which the saga moves on. What is thrown instead puts the step off. */
export type Outcome =
  | { is: 'done'; write?: Write; reserved?: boolean }
  | { is: 'refused'; refusal: Refusal; write?: Write }
  /** Somebody else has to do something first. Asked again after so many seconds. */
  | { is: 'waiting'; seconds: number };

export type Step = (saga: LeasedSaga, world: SagaDependencies) => Promise<Outcome>;
/** @returns null where the step is not for the transaction that leads to it, because somebody has to be asked. */
export type StepWithin = (saga: LeasedSaga, world: SagaTransaction) => Promise<Outcome | null>;

/** The order is CANCELED with a reason, from what it is while the refused step is ahead. @throws LeaseLost */
export async function cancelOrder(tx: Tx, saga: LeasedSaga, from: OrderStatus, refusal: Refusal): Promise<NewEvent[]> {
  const { tenantId, orderId } = saga;
  const cancelReason = refusal.map(({ code }) => code).join(', ');
  const changed = await changeStatus(tx, {
    tenantId,
    orderId,
    from,
    to: 'CANCELED',
    actorId: null,
    note: cancelReason,
    cancelReason,
  });
  if (!changed) throw new LeaseLost();
  return canceledEvents(tx, saga, from === 'CONFIRMED');
}

/** The product subgraph names a variant; the client's input has it at a place. */
export function inTermsOfInput(
  saga: LeasedSaga,
  error: UserError<OrderErrorCode | StockErrorCode>,
): UserError<OrderErrorCode> {
  const code = error.code === 'RELEASED' || error.code === 'NOT_SOLD' ? 'INVALID_TRANSITION' : error.code;
  const [, variantId] = error.field;
  const index = saga.lines.findIndex((line) => line.variantId === variantId);
  if (index < 0) return { ...error, code };
  const field = ['input', 'lines', String(index), code === 'NOT_FOUND' ? 'variantId' : 'quantity'];
  return { field, message: error.message, code };
}
