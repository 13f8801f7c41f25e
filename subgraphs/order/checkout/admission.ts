import type { GraphQLError } from 'graphql';
import { graphqlError, serviceUnavailable } from '../../shared/errors';

/** The capacity of one process. */
export interface AdmissionLimits {
  /** How many orders are placed at the same time. */
  inFlight: number;
  /** How many callers of all stores may queue, and for how long. */
  queued: number;
  maxWaitMs: number;
}

/**
 * The database has few connections: more orders in flight would add latency and no throughput. `maxWaitMs` plus the time in which the saga
 * engine answers is less than the gateway's timeout, so that no caller queues for an answer that comes too late.
 */
export const ADMISSION: AdmissionLimits = { inFlight: 16, queued: 128, maxWaitMs: 3_000 };

/** The longest `retryAfter` that a rejected caller is given. */
const MAX_RETRY_AFTER_MS = 30_000;
/** How many callers are asked to retry per free slot: rejecting again is cheap, and an empty queue is lost capacity. */
const RETRIES_PER_SLOT = 2;
/** The time between two free slots before it is measured, and the weight of earlier values in its moving average. */
const INITIAL_SLOT_MS = 30;
const SMOOTHING = 0.95;

/** Gives a slot back. Calling it again does nothing. */
export type Release = () => void;

interface Waiter {
  start(): void;
  reject(): void;
}

/**
 * Admission control with load shedding for placing orders: a limited number in flight, then a queue for each store, served round-robin,
 * with one limit for all queues. When the queues are full, a caller is rejected at once with the time to retry after: the newest one of
 * the longest queue, so that a rush at one store does not shut out the others.
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

  /** For metrics. */
  get counts(): { inFlight: number; queued: number; rejected: number } {
    return { inFlight: this.#inFlight, queued: this.#queued, rejected: this.#rejected };
  }

  /**
   * Resolves with a slot, which the caller has until it releases it. @param canceled aborted when the client has disconnected.
   * @throws GraphQLError THROTTLED with retryAfter in seconds, SERVICE_UNAVAILABLE when canceled.
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

  /** Makes room in a full queue: rejects the newest caller of the longest queue, or this one when its own store's is longest. @throws GraphQLError */
  #shedFor(tenantId: string): void {
    if (this.#queued < this.limits.queued) return;
    const [longest] = [...this.#queues.values()].sort((a, b) => b.length - a.length);
    const own = this.#queues.get(tenantId)?.length ?? 0;
    if (!longest || longest.length <= own + 1) throw this.#throttled();
    longest.at(-1)?.reject();
  }

  #dequeue(tenantId: string, waiter: Waiter): void {
    const others = (this.#queues.get(tenantId) ?? []).filter((one) => one !== waiter);
    if (others.length > 0) this.#queues.set(tenantId, others);
    else this.#queues.delete(tenantId);
    this.#queued -= 1;
  }

  /** Round-robin: the slot goes to the store that was served longest ago, and there to the first in its queue. */
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

  /** Each rejected caller gets a later time than the one before, so that retries arrive about as fast as slots become free. */
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
