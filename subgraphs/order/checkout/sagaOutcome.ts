import type { UserError } from '../../shared/errors';
import type { Db, Tx } from '../database';
import type { OrderSaga, OrderStatus } from '../generated/prisma/client';
import type { OrderErrorCode } from '../generated/resolvers';
import { changeStatus } from '../orders/orderStatus';
import type { PaymentProviders } from '../payment/paymentProvider';
import { tellCanceled } from './orderEvents';
import type { HoldAt } from './sagaHold';
import { LeaseLost } from './sagaLease';
import type { StockClient, StockErrorCode } from './stockClient';

/** A saga as the process knows it that holds its lease. `overdue`: by the database's clock, when it was taken over. */
export type HeldSaga = Pick<
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
> & { overdue: boolean };

/** What the steps work with. */
export interface SagaWorld {
  db: Db;
  stock: StockClient;
  providers: PaymentProviders;
  /** Only in the kill test. */
  holdAt?: HoldAt;
}

export type Refusal = UserError<OrderErrorCode>[];

/** How a step went. `write` is done in the transaction in which the saga moves on. What is thrown instead puts the step off. */
export type Outcome =
  | { is: 'done'; write?: (tx: Tx) => Promise<void>; reserved?: boolean }
  | { is: 'refused'; refusal: Refusal; write?: (tx: Tx) => Promise<void> }
  /** Somebody else has to do something first. Asked again after so many seconds. */
  | { is: 'waiting'; seconds: number };

export type Step = (saga: HeldSaga, world: SagaWorld) => Promise<Outcome>;
export type StepWithin = (saga: HeldSaga, tx: Tx) => Promise<Outcome>;

/** The order is CANCELED with a reason, from what it is while the refused step is ahead. @throws LeaseLost */
export async function cancelOrder(tx: Tx, saga: HeldSaga, from: OrderStatus, refusal: Refusal): Promise<void> {
  const { tenantId, orderId } = saga;
  const cancelReason = refusal.map(({ code }) => code).join(', ');
  const changed = await changeStatus(tx, {
    tenantId,
    orderId,
    from,
    to: 'CANCELED',
    actorId: null,
    note: cancelReason,
    data: { cancelReason },
  });
  if (!changed) throw new LeaseLost();
  await tellCanceled(tx, saga, from === 'CONFIRMED');
}

/** The product subgraph names a variant; the client's input has it at a place. */
export function inTermsOfInput(
  saga: HeldSaga,
  error: UserError<OrderErrorCode | StockErrorCode>,
): UserError<OrderErrorCode> {
  const code = error.code === 'RELEASED' || error.code === 'NOT_SOLD' ? 'INVALID_TRANSITION' : error.code;
  const [, variantId] = error.field;
  const index = saga.lines.findIndex((line) => line.variantId === variantId);
  if (index < 0) return { ...error, code };
  const field = ['input', 'lines', String(index), code === 'NOT_FOUND' ? 'variantId' : 'quantity'];
  return { field, message: error.message, code };
}
