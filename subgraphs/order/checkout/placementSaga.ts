import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { OrderSaga, SagaStep } from '../generated/prisma/client';
import { claim, finish, isOverdue, LeaseLost, postpone } from './sagaLease';
import { confirmOrder, refuseOrder, requestedLines } from './sagaOutcome';
import type { StockClient } from './stockClient';

/** A step that failed so often does not heal by itself. */
const ALARMING_ATTEMPTS = 8;
/** How long the answer to a repeated request waits for the first one's outcome. */
const OUTCOME_WAIT_MS = 5_000;
const MAX_POLL_MS = 400;

/**
 * What happens to an order outside of order_db, step by step. Each step may be repeated, and is written down before the
 * next begins, so that any process can go on from it:
 *
 *   RESERVE_STOCK ── taken ──▶ (order CONFIRMED) ──▶ COMMIT_STOCK ──▶ DONE
 *         └──────── refused ─▶ (order CANCELED) ───▶ RELEASE_STOCK ─▶ DONE
 */
export class PlacementSaga {
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #awaited = new Map<string, Promise<void>>();

  constructor(
    private readonly db: Db,
    private readonly stock: StockClient,
    private readonly logger: Logger,
  ) {}

  /** Drives a new order until it is confirmed or refused; what is left to do after that goes on in the background. */
  async start(saga: OrderSaga): Promise<void> {
    const decided = await this.#attempt(saga);
    if (decided) this.#inBackground(this.#drive(decided));
  }

  /** Takes over the unfinished saga of an order, if no other process holds it, and drives it to its end. */
  async resume(tenantId: string, orderId: string): Promise<void> {
    await runInScope({ tenantId }, async () => {
      const saga = await claim(this.db, tenantId, orderId);
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
    const deadline = Date.now() + OUTCOME_WAIT_MS;
    for (let pause = 25; Date.now() < deadline; pause = Math.min(pause * 2, MAX_POLL_MS)) {
      const order = await this.db.order.findFirstOrThrow({
        where: { tenantId, id: orderId },
        select: { status: true },
      });
      if (order.status !== 'PENDING') return;
      await sleep(pause);
    }
  }

  /** Resolves when nothing is under way in this process. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  async #drive(saga: OrderSaga): Promise<void> {
    for (let current: OrderSaga | null = saga; current; ) current = await this.#attempt(current);
  }

  /** One step. @returns the saga at its next step; null when it is done, put off, or another process's. */
  async #attempt(saga: OrderSaga): Promise<OrderSaga | null> {
    try {
      return await this.#steps[saga.step](saga);
    } catch (error) {
      if (error instanceof LeaseLost) return null;
      const { orderId, step, attempts } = saga;
      this.logger[attempts < ALARMING_ATTEMPTS ? 'warn' : 'error'](
        { err: error, orderId, step, attempts },
        'saga step put off',
      );
      await postpone(this.db, saga, error);
      return null;
    }
  }

  readonly #steps: Record<SagaStep, (saga: OrderSaga) => Promise<OrderSaga | null>> = {
    RESERVE_STOCK: async (saga) => {
      const { tenantId, orderId } = saga;
      if (saga.attempts > 0 && (await isOverdue(this.db, saga))) {
        const message = 'The catalog did not answer in time. Nothing was bought.';
        return refuseOrder(this.db, saga, [{ field: ['input', 'lines'], code: 'INVALID', message }]);
      }
      const { lines, refusal } = await this.stock.reserve(tenantId, orderId, requestedLines(saga));
      return refusal.length > 0 ? refuseOrder(this.db, saga, refusal) : confirmOrder(this.db, saga, lines);
    },
    COMMIT_STOCK: async (saga) => {
      await this.stock.commit(saga.tenantId, saga.orderId);
      await finish(this.db, saga);
      return null;
    },
    RELEASE_STOCK: async (saga) => {
      await this.stock.release(saga.tenantId, saga.orderId);
      await finish(this.db, saga);
      return null;
    },
    DONE: async () => null,
  };

  #inBackground(work: Promise<void>): void {
    const logged = work.catch((error: unknown) => this.logger.error({ err: error }, 'saga left to recovery'));
    this.#underWay.add(logged);
    void logged.finally(() => this.#underWay.delete(logged));
  }
}
