import { setTimeout as sleep } from 'node:timers/promises';
import { type NewEvent, recordEvents } from '../../shared/events/recordEvent';
import { LeaseLost } from '../../shared/lease';
import type { Logger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import { inSpan } from '../../shared/trace';
import type { Tx } from '../database';
import type { Boundary, HoldAt } from './killTestHold';
import { ATTENTION_AFTER, claimSaga, defer, moveTo, type PassedStep, postpone } from './sagaLease';
import {
  COMPENSATIONS,
  type InTransaction,
  type LeasedSaga,
  type Refusal,
  type SagaDefinition,
  type SagaDependencies,
  type StepResult,
} from './sagaStep';

/** How long a caller waits for the decision on an order: well below the gateway's timeout. A slow one is decided in the background. */
const DECISION_TIMEOUT_MS = 5_000;
const MIN_POLL_MS = 25;
const MAX_POLL_MS = 400;

/** The part of the engine that other features use. */
export interface SagaRunner {
  /** Claims the unfinished saga of an order and runs its steps; does nothing when another process has its lease. */
  resume(tenantId: string, orderId: string): Promise<void>;
  /** As `resume`, without waiting for it. */
  resumeInBackground(tenantId: string, orderId: string): void;
}

/** Runs the steps of sagas. A step's result is written with the fencing token of the lease, so that only its holder can write. */
export class SagaEngine<Dependencies extends SagaDependencies, Memo extends object> implements SagaRunner {
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #polls = new Map<string, Promise<void>>();

  /** @param holdAt only in the kill test. */
  constructor(
    private readonly definition: SagaDefinition<Dependencies, Memo>,
    private readonly dependencies: Dependencies,
    private readonly logger: Logger,
    private readonly holdAt?: HoldAt,
  ) {}

  /**
   * Runs a new saga until its order is decided, or the timeout; the remaining steps run in the background. `onReserved` is called when the
   * stock is reserved or refused: then the admission slot is free, however slow the payment provider is.
   */
  async start(saga: LeasedSaga<Memo>, onReserved: () => void): Promise<void> {
    const reserving = this.#driveWhile(saga, ({ step }) => step === 'RESERVE_STOCK').finally(onReserved);
    const deciding = reserving.then((reserved) => reserved && this.#driveWhile(reserved, this.#isAwaited));
    this.#inBackground(deciding.then((decided) => (decided ? this.#drive(decided) : undefined)));
    const { reached, cancel } = timeLimit(DECISION_TIMEOUT_MS);
    await Promise.race([deciding, reached]).finally(cancel);
  }

  async resume(tenantId: string, orderId: string): Promise<void> {
    await runInScope({ tenantId }, async () => {
      const saga = await claimSaga(this.dependencies.db, tenantId, orderId);
      if (saga) await this.#drive({ ...saga, memo: {} });
    });
  }

  resumeInBackground(tenantId: string, orderId: string): void {
    this.#inBackground(this.resume(tenantId, orderId));
  }

  /** Resolves when the order is decided, or at the timeout. Requests that wait for the same order share one poll (single-flight). */
  awaitDecision(tenantId: string, orderId: string): Promise<void> {
    const key = `${tenantId} ${orderId}`;
    const poll = this.#polls.get(key) ?? this.#pollDecision(tenantId, orderId).finally(() => this.#polls.delete(key));
    this.#polls.set(key, poll);
    return poll;
  }

  async #pollDecision(tenantId: string, orderId: string): Promise<void> {
    const deadline = Date.now() + DECISION_TIMEOUT_MS;
    for (let pause = MIN_POLL_MS; Date.now() < deadline; pause = Math.min(pause * 2, MAX_POLL_MS)) {
      const order = await this.dependencies.db.order.findFirstOrThrow({
        where: { tenantId, id: orderId },
        select: { status: true, payment: { select: { status: true } } },
        relationLoadStrategy: 'join',
      });
      if (order.status !== 'PENDING' || order.payment?.status === 'REQUIRES_ACTION') return;
      await sleep(pause);
    }
  }

  /** For graceful shutdown: resolves when no saga is in progress in this process. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  /** Resolves at once, except in the kill test. */
  reach(boundary: Boundary): Promise<void> | undefined {
    return this.holdAt?.(boundary);
  }

  #drive(saga: LeasedSaga<Memo>): Promise<LeasedSaga<Memo> | null> {
    return this.#driveWhile(saga, () => true);
  }

  async #driveWhile(
    saga: LeasedSaga<Memo>,
    condition: (saga: LeasedSaga<Memo>) => boolean,
  ): Promise<LeasedSaga<Memo> | null> {
    let current: LeasedSaga<Memo> | null = saga;
    while (current && condition(current)) current = await this.#attempt(current);
    return current;
  }

  /**
   * Whether a caller waits for the saga's step: the order is not decided yet, or its stock is still to be released, which the next try of
   * its buyer may need.
   */
  readonly #isAwaited = ({ step }: LeasedSaga<Memo>): boolean =>
    this.definition.steps[step].order === 'PENDING' || COMPENSATIONS.includes(step);

  /** Runs one step. @returns the saga at its next step; null when it is done, postponed, or another process has its lease. */
  async #attempt(saga: LeasedSaga<Memo>): Promise<LeasedSaga<Memo> | null> {
    const { run } = this.definition.steps[saga.step];
    if (!run) return null;
    try {
      await this.reach(`before ${saga.step}`);
      const result = await inSpan(saga.step, 'INTERNAL', {}, async () => run(saga, this.dependencies));
      await this.reach(`after ${saga.step}`);
      if (result.is !== 'waiting') return await this.#moveOn(saga, result);
      await defer(this.dependencies.db, saga, result.seconds);
    } catch (error) {
      if (!(error instanceof LeaseLost)) await this.#postpone(saga, error);
    }
    return null;
  }

  /** Writes the result of a step and the next step. A result that writes nothing else needs no transaction. */
  #moveOn(saga: LeasedSaga<Memo>, result: StepResult<Memo>): Promise<LeasedSaga<Memo>> {
    const { db } = this.dependencies;
    const { steps } = this.definition;
    const { next } = steps[saga.step];
    if (result.is === 'done' && !result.write && !steps[next].runInTransaction) {
      return moveTo(db, saga, { passed: [{ name: saga.step, status: 'DONE' }], next });
    }
    return db.$transaction((tx) => this.#moveOnWithin(tx, saga, result));
  }

  /** In one transaction: the writes of the step, the following steps that can run in it, their events, and the next step. */
  async #moveOnWithin(tx: Tx, saga: LeasedSaga<Memo>, first: StepResult<Memo>): Promise<LeasedSaga<Memo>> {
    const reserved = first.is === 'done' && first.reserved === true;
    const dependencies: InTransaction<Dependencies> = { ...this.dependencies, db: tx };
    const passed: PassedStep[] = [];
    const events: NewEvent[] = [];
    let current: LeasedSaga<Memo> = { ...saga, overdue: saga.overdue && !reserved };
    let refusal: Refusal | undefined;
    let result: StepResult<Memo> | null = first;
    while (result && result.is !== 'waiting') {
      const { next, otherwise = next, order = 'PENDING' } = this.definition.steps[current.step];
      const writes = await result.write?.(tx);
      events.push(...(writes?.events ?? []));
      if (result.is === 'refused') {
        refusal = result.refusal;
        events.push(...(await this.definition.cancel(tx, saga, order, refusal)));
      }
      passed.push({ name: current.step, status: result.is === 'refused' ? 'REFUSED' : 'DONE' });
      const step = result.is === 'refused' ? otherwise : result.again ? current.step : next;
      current = { ...current, step, attempts: 0, memo: { ...current.memo, ...writes?.memo } };
      result = await this.#runInTransaction(current, dependencies);
    }
    await recordEvents(tx, events);
    const moved = await moveTo(tx, saga, { passed, next: current.step, reserved, ...(refusal && { refusal }) });
    return { ...moved, memo: this.definition.keepMemo(current.memo) };
  }

  async #runInTransaction(
    saga: LeasedSaga<Memo>,
    dependencies: InTransaction<Dependencies>,
  ): Promise<StepResult<Memo> | null> {
    const { runInTransaction } = this.definition.steps[saga.step];
    if (!runInTransaction) return null;
    await this.reach(`before ${saga.step}`);
    const result = await runInTransaction(saga, dependencies);
    if (result) await this.reach(`after ${saga.step}`);
    return result;
  }

  async #postpone(saga: LeasedSaga<Memo>, error: unknown): Promise<void> {
    const { orderId, step, attempts } = saga;
    const line = { err: error, orderId, step, attempts };
    if (attempts < ATTENTION_AFTER) this.logger.warn(line, 'saga step postponed');
    else this.logger.error(line, 'saga step needs attention');
    await postpone(this.dependencies.db, saga, error);
  }

  #inBackground(work: Promise<unknown>): void {
    const logged = work.catch((error: unknown) => this.logger.error({ err: error }, 'saga left to recovery'));
    this.#inFlight.add(logged);
    void logged.finally(() => this.#inFlight.delete(logged));
  }
}

function timeLimit(ms: number): { reached: Promise<void>; cancel(): void } {
  let timer: NodeJS.Timeout;
  const reached = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return { reached, cancel: () => clearTimeout(timer) };
}
