import type { GraphQLError } from 'graphql';
import { graphqlError, serviceUnavailable } from '../../shared/errors';

/** How much one process takes on. */
export interface AdmissionLimits {
  /** Orders that are placed at the same time. */
  inFlight: number;
  /** How many more may queue, of all stores together, and for how long. */
  queued: number;
  maxWaitMs: number;
}

/**
 * More in flight than the database has connections places no more orders a second, only later ones. `maxWaitMs` and the time that the
 * saga engine takes to answer are together less than the gateway's timeout: nobody queues for an answer that comes too late.
 */
export const ADMISSION: AdmissionLimits = { inFlight: 16, queued: 128, maxWaitMs: 3_000 };

/** The longest `retryAfter` that a rejected caller is given. */
const MAX_RETRY_AFTER_MS = 30_000;
/** Rejecting again is cheap and an empty queue is lost capacity, so more callers are asked to retry than slots will be free. */
const RETRIES_PER_SLOT = 2;
/** Time between two free slots, until it has been measured; and the weight of the past in its moving average. */
const INITIAL_SLOT_MS = 30;
const SMOOTHING = 0.95;

/** Gives a slot back. Calling it again does nothing. */
export type Release = () => void;

interface Waiter {
  start(): void;
  reject(): void;
}

/**
 * Admission control with load shedding, before an order is placed: a limited number in flight, a bounded queue a store behind them, and
 * the stores served round-robin. A caller for whom there is no place is rejected at once with the time to retry after. When the queue
 * is full, the newest caller of the longest store's queue is rejected in favor of a store with a shorter one: a rush at one store does
 * not shut out the others.
 */
export class AdmissionControl {
  #inFlight = 0;
  #queued = 0;
  /** By store, in the order in which the stores are served. */
  readonly #queues = new Map<string, Waiter[]>();
  #rejected = 0;
  #slotMs = INITIAL_SLOT_MS;
  #lastSlotAt: number | null = null;
  #nextRetryAt = 0;

  constructor(private readonly limits: AdmissionLimits) {}

  /** What an operator watches. */
  get counts(): { inFlight: number; queued: number; rejected: number } {
    return { inFlight: this.#inFlight, queued: this.#queued, rejected: this.#rejected };
  }

  /**
   * Resolves with a slot, which is the caller's until it is released. @param canceled the client has gone: it gets none.
   * @throws GraphQLError THROTTLED with retryAfter in seconds, SERVICE_UNAVAILABLE when canceled; nothing has been done then.
   */
  async acquire(tenantId: string, canceled: AbortSignal): Promise<Release> {
    if (canceled.aborted) throw serviceUnavailable();
    if (this.#inFlight >= this.limits.inFlight) await this.#enqueue(tenantId, canceled);
    else this.#inFlight += 1;
    let released = false;
    return () => {
      if (!released) this.#release();
      released = true;
    };
  }

  #enqueue(tenantId: string, canceled: AbortSignal): Promise<void> {
    this.#shedFor(tenantId);
    return new Promise((resolve, reject) => {
      const over = AbortSignal.any([canceled, AbortSignal.timeout(this.limits.maxWaitMs)]);
      const rejectWaiter = () => {
        over.removeEventListener('abort', rejectWaiter);
        this.#dequeue(tenantId, waiter);
        reject(canceled.aborted ? serviceUnavailable() : this.#throttled());
      };
      const start = () => {
        over.removeEventListener('abort', rejectWaiter);
        resolve();
      };
      const waiter = { start, reject: rejectWaiter };
      over.addEventListener('abort', rejectWaiter);
      const queue = this.#queues.get(tenantId) ?? [];
      this.#queues.set(tenantId, queue);
      queue.push(waiter);
      this.#queued += 1;
    });
  }

  /** Makes room in a full queue: the newest of the longest store's is rejected, unless that is the caller's own store. @throws GraphQLError */
  #shedFor(tenantId: string): void {
    if (this.#queued < this.limits.queued) return;
    const longest = [...this.#queues.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
    const own = this.#queues.get(tenantId)?.length ?? 0;
    if (longest.length <= own + 1) throw this.#throttled();
    longest.at(-1)?.reject();
  }

  #dequeue(tenantId: string, waiter: Waiter): void {
    const others = (this.#queues.get(tenantId) ?? []).filter((one) => one !== waiter);
    if (others.length > 0) this.#queues.set(tenantId, others);
    else this.#queues.delete(tenantId);
    this.#queued -= 1;
  }

  /** The slot goes to the store that was served longest ago, and there to the caller that came first. */
  #release(): void {
    const [next] = this.#queues;
    if (!next) {
      this.#inFlight -= 1;
      this.#lastSlotAt = null;
      return;
    }
    this.#observeSlot();
    const [tenantId, [first, ...others]] = next;
    this.#queues.delete(tenantId);
    if (others.length > 0) this.#queues.set(tenantId, others);
    this.#queued -= 1;
    first?.start();
  }

  /** Measures, while callers queue, the time between two free slots. */
  #observeSlot(): void {
    const now = performance.now();
    if (this.#lastSlotAt !== null) {
      this.#slotMs = SMOOTHING * this.#slotMs + (1 - SMOOTHING) * (now - this.#lastSlotAt);
    }
    this.#lastSlotAt = now;
  }

  /** Each rejected caller is given a later time than the one before, so that they retry about as fast as slots become free. */
  #throttled(): GraphQLError {
    this.#rejected += 1;
    const now = performance.now();
    const next = Math.max(this.#nextRetryAt, now) + this.#slotMs / RETRIES_PER_SLOT;
    this.#nextRetryAt = Math.min(next, now + MAX_RETRY_AFTER_MS);
    const retryAfter = Math.ceil((this.#nextRetryAt - now) / 1_000);
    const message = `More want to buy than can be served at once. Nothing was bought; try again in ${retryAfter} s.`;
    return graphqlError('THROTTLED', message, { retryAfter });
  }
}
