import { serviceUnavailable } from './errors';

/** The capacity of one process. On a slow machine fewer may queue: see `maxWaitMs`. */
export interface AdmissionLimits {
  /** How many callers may have a slot at the same time; fewer, down to the minimum, after some of them had no answer in time. */
  inFlight: number;
  minInFlight: number;
  /** How many callers of all stores may queue, and for how long: a caller who would wait longer is rejected at once. */
  queued: number;
  maxWaitMs: number;
  /** The time between two free slots, before it is measured. */
  initialSlotMs: number;
  /** The error of a rejected caller. @param retryAfter in seconds. */
  rejection(retryAfter: number): Error;
}

/** The longest `retryAfter` that a rejected caller is given. */
const MAX_RETRY_AFTER_MS = 600_000;
/** The weight of one measured interval in the moving average. */
const SMOOTHING = 0.05;

/** By AIMD (additive increase, multiplicative decrease), as in congestion control: what an answer and what a timeout do to the limit. */
const INCREASE = 0.05;
const DECREASE = 0.7;
/** Timeouts of the same moment are about the same overload: they decrease the limit once. */
const DECREASE_INTERVAL_MS = 1_000;

/** What became of a caller with a slot. Only answers are measured, and only timeouts mean overload. */
export type Outcome = 'ANSWERED' | 'TIMED_OUT' | 'FAILED';

/** Gives a slot back. Calling it again does nothing. */
export type Release = (outcome?: Outcome) => void;

interface Waiter {
  start(): void;
  reject(): void;
}

/**
 * Admission control with load shedding: a limited number in flight, then a queue for each store, served round-robin, with one limit for
 * all queues. When the queues are full, a caller is rejected at once with the time to retry after: the newest one of the longest queue, so
 * that a rush at one store does not shut out the others. How many may queue, and when to retry, follow from the measured time between two
 * free slots.
 */
export class AdmissionControl {
  #inFlight = 0;
  #maxInFlight: number;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  #queued = 0;
  /** By store, in the order in which the stores are served. */
  readonly #queues = new Map<string, Waiter[]>();
  #rejected = 0;
  #slotMs: number;
  #measured = 0;
  #lastSlotAt: number | null = null;
  #nextRetryAt = 0;

  constructor(private readonly limits: AdmissionLimits) {
    this.#slotMs = limits.initialSlotMs;
    this.#maxInFlight = limits.inFlight;
  }

  /** For metrics. */
  get counts(): { inFlight: number; queued: number; rejected: number } {
    return { inFlight: this.#inFlight, queued: this.#queued, rejected: this.#rejected };
  }

  /**
   * Resolves with a slot, which the caller has until it releases it. @param canceled aborted when the client has disconnected.
   * @throws what `rejection` makes; GraphQLError SERVICE_UNAVAILABLE when canceled.
   */
  async acquire(tenantId: string, canceled: AbortSignal): Promise<Release> {
    if (canceled.aborted) throw serviceUnavailable();
    if (this.#inFlight >= Math.floor(this.#maxInFlight)) await this.#enqueue(tenantId, canceled);
    else this.#inFlight += 1;
    let released = false;
    return (outcome = 'ANSWERED') => {
      if (!released) this.#release(outcome);
      released = true;
    };
  }

  /**
   * When to retry, in seconds: for a caller who was rejected, or who had no answer in time. Each gets a later time than the one before, so
   * that retries arrive as fast as slots become free; the first of them when half of the queue has been served, so that it never runs empty.
   */
  retryAfter(): number {
    const now = performance.now();
    const halfServed = now + (this.#queued * this.#slotMs) / 2;
    this.#nextRetryAt = Math.min(Math.max(this.#nextRetryAt, halfServed) + this.#slotMs, now + MAX_RETRY_AFTER_MS);
    return Math.max(1, Math.ceil((this.#nextRetryAt - now) / 1_000));
  }

  /** How many may queue: none who would wait longer than the maximum. */
  #places(): number {
    const { queued, maxWaitMs } = this.limits;
    return Math.min(queued, Math.floor(maxWaitMs / this.#slotMs));
  }

  #enqueue(tenantId: string, canceled: AbortSignal): Promise<void> {
    this.#shedFor(tenantId);
    return new Promise((resolve, reject) => {
      const over = AbortSignal.any([canceled, AbortSignal.timeout(this.limits.maxWaitMs)]);
      const rejectWaiter = () => {
        over.removeEventListener('abort', rejectWaiter);
        this.#dequeue(tenantId, waiter);
        reject(canceled.aborted ? serviceUnavailable() : this.#reject());
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

  /** Makes room in a full queue: rejects the newest caller of the longest queue, or this one when its own store's is longest. */
  #shedFor(tenantId: string): void {
    if (this.#queued < this.#places()) return;
    const [longest] = [...this.#queues.values()].sort((a, b) => b.length - a.length);
    const own = this.#queues.get(tenantId)?.length ?? 0;
    if (!longest || longest.length <= own + 1) throw this.#reject();
    longest.at(-1)?.reject();
  }

  #dequeue(tenantId: string, waiter: Waiter): void {
    const others = (this.#queues.get(tenantId) ?? []).filter((one) => one !== waiter);
    if (others.length > 0) this.#queues.set(tenantId, others);
    else this.#queues.delete(tenantId);
    this.#queued -= 1;
  }

  /** Round-robin: the slot goes to the store that was served longest ago, and there to the first in its queue. */
  #release(outcome: Outcome): void {
    this.#inFlight -= 1;
    this.#adapt(outcome);
    if (this.#queued === 0) this.#lastSlotAt = null;
    else if (outcome === 'ANSWERED') this.#observeSlot();
    for (const [tenantId, [first, ...others]] of this.#queues) {
      if (this.#inFlight >= Math.floor(this.#maxInFlight)) return;
      this.#queues.delete(tenantId);
      if (others.length > 0) this.#queues.set(tenantId, others);
      this.#queued -= 1;
      this.#inFlight += 1;
      first?.start();
    }
  }

  #adapt(outcome: Outcome): void {
    const { inFlight, minInFlight } = this.limits;
    if (outcome === 'ANSWERED') this.#maxInFlight = Math.min(inFlight, this.#maxInFlight + INCREASE);
    const now = performance.now();
    if (outcome !== 'TIMED_OUT' || now - this.#decreasedAt < DECREASE_INTERVAL_MS) return;
    this.#decreasedAt = now;
    this.#maxInFlight = Math.max(minInFlight, this.#maxInFlight * DECREASE);
  }

  /** Measures, while callers queue, the time between two free slots: the mean of the first twenty, then a moving average. */
  #observeSlot(): void {
    const now = performance.now();
    if (this.#lastSlotAt !== null) {
      this.#measured += 1;
      const weight = Math.max(SMOOTHING, 1 / (this.#measured + 1));
      this.#slotMs += weight * (now - this.#lastSlotAt - this.#slotMs);
    }
    this.#lastSlotAt = now;
  }

  #reject(): Error {
    this.#rejected += 1;
    return this.limits.rejection(this.retryAfter());
  }
}
