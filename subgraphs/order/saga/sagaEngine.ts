import { setTimeout as sleep } from 'node:timers/promises';
import { type NewEvent, recordEvents } from '../../shared/events/recordEvent';
import type { Logger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import { STEPS } from '../checkout/sagaSteps';
import type { Boundary } from './sagaHold';
import { ATTENTION_AFTER, claim, LeaseLost, moveTo, type PassedStep, postpone, rest } from './sagaLease';
import {
  cancelOrder,
  type LeasedSaga,
  type Outcome,
  type Refusal,
  type SagaDependencies,
  type SagaTransaction,
} from './stepResult';

/** How long a caller waits for the outcome: well within the gateway's own limit. What takes longer goes on without them. */
const ANSWER_WITHIN_MS = 5_000;
const MAX_POLL_MS = 400;

/** Takes orders through the steps of sagaSteps.ts, each written down with the fence of whoever holds the lease. */
export class SagaEngine {
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #awaited = new Map<string, Promise<void>>();

  constructor(
    private readonly world: SagaDependencies,
    private readonly logger: Logger,
  ) {}

  /**
   * Drives a new order until it is decided, or is slow to be; what is left to do after that goes on in the background. `release` is
   * called when its stock is taken: waiting for a payment's provider keeps no others from buying.
   */
  async start(saga: LeasedSaga, release: () => void): Promise<void> {
    const reserving = this.#driveWhile(saga, ({ step }) => step === 'RESERVE_STOCK').finally(release);
    const deciding = reserving.then((reserved) => reserved && this.#driveWhile(reserved, isUndecided));
    this.#inBackground(deciding.then((decided) => (decided ? this.#drive(decided) : undefined)));
    const { signal, cancel } = timeLimit(ANSWER_WITHIN_MS);
    await Promise.race([deciding, signal]).finally(cancel);
  }

  /** Resolves at once, but in the kill test, which ends processes here. */
  reach(boundary: Boundary): Promise<void> | undefined {
    return this.world.holdAt?.(boundary);
  }

  /** Takes over the unfinished saga of an order, if no other process holds it, and drives it to its end. */
  async resume(tenantId: string, orderId: string): Promise<void> {
    await runInScope({ tenantId }, async () => {
      const saga = await claim(this.world.db, tenantId, orderId);
      if (saga) await this.#drive(saga);
    });
  }

  /** As {@link resume}, without waiting for it. */
  resumeInBackground(tenantId: string, orderId: string): void {
    this.#inBackground(this.resume(tenantId, orderId));
  }

  /** Returns when the order is decided, or is slow to be. However many wait for an order, one of them asks. */
  awaitOutcome(tenantId: string, orderId: string): Promise<void> {
    const key = `${tenantId} ${orderId}`;
    const waiting =
      this.#awaited.get(key) ?? this.#pollOutcome(tenantId, orderId).finally(() => this.#awaited.delete(key));
    this.#awaited.set(key, waiting);
    return waiting;
  }

  async #pollOutcome(tenantId: string, orderId: string): Promise<void> {
    const deadline = Date.now() + ANSWER_WITHIN_MS;
    for (let pause = 25; Date.now() < deadline; pause = Math.min(pause * 2, MAX_POLL_MS)) {
      const order = await this.world.db.order.findFirstOrThrow({
        where: { tenantId, id: orderId },
        select: { status: true, payment: { select: { status: true } } },
        relationLoadStrategy: 'join',
      });
      if (order.status !== 'PENDING' || order.payment?.status === 'REQUIRES_ACTION') return;
      await sleep(pause);
    }
  }

  /** Resolves when nothing is under way in this process. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  #drive(saga: LeasedSaga): Promise<LeasedSaga | null> {
    return this.#driveWhile(saga, () => true);
  }

  async #driveWhile(saga: LeasedSaga, condition: (saga: LeasedSaga) => boolean): Promise<LeasedSaga | null> {
    let current: LeasedSaga | null = saga;
    while (current && condition(current)) current = await this.#attempt(current);
    return current;
  }

  /** One step. @returns the saga at its next step; null when it is done, put off, or another process's. */
  async #attempt(saga: LeasedSaga): Promise<LeasedSaga | null> {
    const { run } = STEPS[saga.step];
    if (!run) return null;
    try {
      await this.reach(`before ${saga.step}`);
      const outcome = await run(saga, this.world);
      await this.reach(`after ${saga.step}`);
      if (outcome.is !== 'waiting') return await this.#moveOn(saga, outcome);
      await rest(this.world.db, saga, outcome.seconds);
    } catch (error) {
      if (!(error instanceof LeaseLost)) await this.#putOff(saga, error);
    }
    return null;
  }

  /** What the step has to write, the steps within, what others are told, and where the saga is then: all in one transaction. */
  async #moveOn(saga: LeasedSaga, outcome: Outcome): Promise<LeasedSaga> {
    const { next } = STEPS[saga.step];
    if (outcome.is === 'done' && !outcome.write && !STEPS[next].within) {
      return moveTo(this.world.db, saga, { passed: [{ name: saga.step, status: 'DONE' }], next });
    }
    const reserved = outcome.is === 'done' && outcome.reserved === true;
    return this.world.db.$transaction(async (tx) => {
      const world = { ...this.world, db: tx };
      const passed: PassedStep[] = [];
      const events: NewEvent[] = [];
      let at: LeasedSaga = { ...saga, overdue: saga.overdue && !reserved };
      let refusal: Refusal | undefined;
      let result: Outcome | null = outcome;
      while (result && result.is !== 'waiting') {
        const { next, otherwise = next, order = 'PENDING' } = STEPS[at.step];
        const written = await result.write?.(tx);
        events.push(...(written?.events ?? []));
        if (result.is === 'refused') {
          refusal = result.refusal;
          events.push(...(await cancelOrder(tx, saga, order, refusal)));
        }
        passed.push({ name: at.step, status: result.is === 'refused' ? 'REFUSED' : 'DONE' });
        const step = result.is === 'refused' ? otherwise : next;
        at = { ...at, step, attempts: 0, known: { ...at.known, ...written?.known } };
        result = await this.#runWithin(at, world);
      }
      await recordEvents(tx, events);
      const moved = await moveTo(tx, saga, { passed, next: at.step, reserved, ...(refusal && { refusal }) });
      // The order itself may be changed by others from now on.
      return { ...moved, known: at.known?.payment === undefined ? {} : { payment: at.known.payment } };
    });
  }

  async #runWithin(saga: LeasedSaga, world: SagaTransaction): Promise<Outcome | null> {
    const { within } = STEPS[saga.step];
    if (!within) return null;
    await this.reach(`before ${saga.step}`);
    const outcome = await within(saga, world);
    if (outcome) await this.reach(`after ${saga.step}`);
    return outcome;
  }

  async #putOff(saga: LeasedSaga, error: unknown): Promise<void> {
    const { orderId, step, attempts } = saga;
    const words = attempts < ATTENTION_AFTER ? 'saga step put off' : 'saga step needs attention';
    this.logger[attempts < ATTENTION_AFTER ? 'warn' : 'error']({ err: error, orderId, step, attempts }, words);
    await postpone(this.world.db, saga, error);
  }

  #inBackground(work: Promise<unknown>): void {
    const logged = work.catch((error: unknown) => this.logger.error({ err: error }, 'saga left to recovery'));
    this.#underWay.add(logged);
    void logged.finally(() => this.#underWay.delete(logged));
  }
}

/** Whether the caller still waits for this step. */
const isUndecided = ({ step }: LeasedSaga): boolean => STEPS[step].order === 'PENDING';

function timeLimit(ms: number): { signal: Promise<void>; cancel(): void } {
  let timer: NodeJS.Timeout;
  const signal = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return { signal, cancel: () => clearTimeout(timer) };
}
