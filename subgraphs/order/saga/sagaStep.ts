import type { NewEvent } from '../../shared/events/recordEvent';
import type { UserError } from '../../shared/userErrors';
import type { Db, Tx } from '../database';
import type { OrderSaga, OrderStatus, SagaStep } from '../generated/prisma/client';
import type { OrderErrorCode } from '../generated/resolvers';

type SagaColumns = Pick<
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
>;

/** A saga whose lease this process has. */
export interface LeasedSaga<Memo extends object> extends SagaColumns {
  /** Whether its time was over, by the database's clock, when the lease was claimed. */
  overdue: boolean;
  /** What this process has written of the order itself, and need not read again. Empty after a saga was taken over. */
  memo: Partial<Memo>;
}

/** What steps work with. */
export interface SagaDependencies {
  db: Db;
}

/** … those that run in a transaction. */
export type InTransaction<Dependencies extends SagaDependencies> = Omit<Dependencies, 'db'> & { db: Tx };

/** Why an order is refused: what its orderCreate answers. */
export type Refusal = UserError<OrderErrorCode>[];

/** What a step has written in the transaction in which the saga moves on. */
export interface StepWrites<Memo extends object> {
  /** Recorded in that transaction. */
  events?: NewEvent[];
  memo?: Partial<Memo>;
}

type Write<Memo extends object> = (tx: Tx) => Promise<StepWrites<Memo>>;

/** How a step ended. Its `write` runs in the transaction in which the saga moves on. A step that throws is tried again later. */
export type StepResult<Memo extends object> =
  /** `reserved`: the stock is reserved from now on, and the order must be confirmed before the reservation ends. */
  | { is: 'done'; write?: Write<Memo>; reserved?: boolean }
  | { is: 'refused'; refusal: Refusal; write?: Write<Memo> }
  /** Somebody else has to do something first. To be tried again after so many seconds. */
  | { is: 'waiting'; seconds: number };

/** A step that calls another system. It may run more than once. */
export type Step<Dependencies extends SagaDependencies, Memo extends object> = (
  saga: LeasedSaga<Memo>,
  dependencies: Dependencies,
) => Promise<StepResult<Memo>>;

/** A step that runs in the transaction which moves the saga to it. @returns null where it can't, because another system has to be called. */
export type StepInTransaction<Dependencies extends SagaDependencies, Memo extends object> = (
  saga: LeasedSaga<Memo>,
  dependencies: InTransaction<Dependencies>,
) => Promise<StepResult<Memo> | null>;

type CancelableStatus = Extract<OrderStatus, 'PENDING' | 'CONFIRMED'>;

export interface StepDefinition<Dependencies extends SagaDependencies, Memo extends object> {
  run?: Step<Dependencies, Memo>;
  runInTransaction?: StepInTransaction<Dependencies, Memo>;
  next: SagaStep;
  /** Where a refusal leads. A step without it can't be refused: it is tried until it is done. */
  otherwise?: SagaStep;
  /** The order's status while the saga is at this step: what a refusal cancels it from. */
  order?: CancelableStatus;
}

/** What a saga consists of. */
export interface SagaDefinition<Dependencies extends SagaDependencies, Memo extends object> {
  steps: Record<SagaStep, StepDefinition<Dependencies, Memo>>;
  /** Cancels the order of a refused step, from that status. @returns the events of it. @throws LeaseLost when it has another status. */
  cancel(tx: Tx, saga: LeasedSaga<Memo>, from: CancelableStatus, refusal: Refusal): Promise<NewEvent[]>;
  /** What of the memo is still right when its transaction has committed, and others may change the order. */
  keepMemo(memo: Partial<Memo>): Partial<Memo>;
}

/** The steps that undo others. */
export const COMPENSATIONS: readonly SagaStep[] = ['VOID_PAYMENT', 'RELEASE_STOCK'];
