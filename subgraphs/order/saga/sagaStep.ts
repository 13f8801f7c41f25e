import type { NewEvent } from '../../shared/events/recordEvent';
import type { Db, Tx } from '../database';
import type { OrderSaga, OrderStatus, SagaStep } from '../generated/prisma/client';
import type { OrderError } from '../pricing/priceChange';

type SagaColumns = Pick<
  OrderSaga,
  'tenantId' | 'orderId' | 'step' | 'lines' | 'attempts' | 'fence' | 'paymentToken' | 'restock' | 'refund'
>;

/** A saga whose lease this process has. */
export interface LeasedSaga<Memo extends object> extends SagaColumns {
  /** Whether its deadline had passed, by the database's clock, when the lease was claimed. */
  overdue: boolean;
  /** What this process has written of the order and need not read again. Empty when another process had the saga before. */
  memo: Partial<Memo>;
}

/** The dependencies of steps. */
export interface SagaDependencies {
  db: Db;
}

/** The dependencies of steps that run in a transaction. */
export type InTransaction<Dependencies extends SagaDependencies> = Omit<Dependencies, 'db'> & { db: Tx };

/** Why an order is refused: the user errors of orderCreate. */
export type Refusal = OrderError[];

/** What a step has written in the transaction that moves the saga to its next step. */
export interface StepWrites<Memo extends object> {
  /** Recorded in that transaction. */
  events?: NewEvent[];
  memo?: Partial<Memo>;
}

type Write<Memo extends object> = (tx: Tx) => Promise<StepWrites<Memo>>;

/** The result of a step. Its `write` runs in the transaction that moves the saga to its next step. A step that throws is retried later. */
export type StepResult<Memo extends object> =
  /**
   * `reserved`: the stock is reserved from now on, and the order must be confirmed before the reservation ends. `again`: the step runs once more,
   * because it may have more to do.
   */
  | { is: 'done'; write?: Write<Memo>; reserved?: boolean; again?: boolean }
  | { is: 'refused'; refusal: Refusal; write?: Write<Memo> }
  /** The buyer or the provider has to act first: the step runs again after so many seconds, which is no failure. */
  | { is: 'waiting'; seconds: number };

/** A step that calls another system. It may run more than once. */
type Step<Dependencies extends SagaDependencies, Memo extends object> = (
  saga: LeasedSaga<Memo>,
  dependencies: Dependencies,
) => Promise<StepResult<Memo>>;

/** A step that runs in the transaction which moves the saga to it. @returns null when it has to call another system, and so can't run in a transaction. */
export type StepInTransaction<Dependencies extends SagaDependencies, Memo extends object> = (
  saga: LeasedSaga<Memo>,
  dependencies: InTransaction<Dependencies>,
) => Promise<StepResult<Memo> | null>;

type CancelableStatus = Extract<OrderStatus, 'PENDING' | 'CONFIRMED'>;

interface StepDefinition<Dependencies extends SagaDependencies, Memo extends object> {
  run?: Step<Dependencies, Memo>;
  runInTransaction?: StepInTransaction<Dependencies, Memo>;
  next: SagaStep;
  /** The next step after a refusal. A step without it can't be refused: it is retried until it succeeds. */
  otherwise?: SagaStep;
  /** The order's status at this step, from which a refusal cancels it. */
  order?: CancelableStatus;
}

/** The steps of a saga, and how it cancels an order. */
export interface SagaDefinition<Dependencies extends SagaDependencies, Memo extends object> {
  steps: Record<SagaStep, StepDefinition<Dependencies, Memo>>;
  /** Cancels the order after a refusal. @returns the events to record. @throws LeaseLost when the order's status is not `from`. */
  cancel(tx: Tx, saga: LeasedSaga<Memo>, from: CancelableStatus, refusal: Refusal): Promise<NewEvent[]>;
  /** The part of the memo that stays valid after the transaction, when others may change the order. */
  keepMemo(memo: Partial<Memo>): Partial<Memo>;
}

/** The steps that compensate for earlier ones. */
export const COMPENSATIONS: readonly SagaStep[] = ['VOID_PAYMENT', 'RELEASE_STOCK'];
