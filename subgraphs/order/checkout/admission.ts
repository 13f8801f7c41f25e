import type { GraphQLError } from 'graphql';
import { graphqlError, serviceUnavailable } from '../../shared/errors';

/** How much one process takes on. */
export interface AdmissionLimits {
  /** Orders that are worked on at the same time. */
  atOnce: number;
  /** How many more wait for their turn, of all stores together, and for how long. */
  waiting: number;
  longestWaitMs: number;
}

/**
 * More at once than the database has connections brings no more orders, only later ones; and what has waited its time and is then
 * answered within SagaEngine's is answered before the gateway gives up.
 */
export const ADMISSION: AdmissionLimits = { atOnce: 16, waiting: 128, longestWaitMs: 3_000 };

/** What is told to come back is told so for this long at most. */
const LATEST_RETURN_MS = 30_000;
/** Telling somebody anew is cheap, and an empty line is a loss: so more are told to come than there are turns. */
const RETURNS_PER_TURN = 2;
/** Between two turns, until that has been seen; and how much of what was seen before counts in the mean. */
const FIRST_GUESS_MS = 30;
const OF_BEFORE = 0.95;

/** Ends a turn. Calling it again does nothing. */
export type Leave = () => void;

interface Waiter {
  start(): void;
  turnAway(): void;
}

/**
 * The door before the work of placing orders. A few are let in at once, a few more wait in a line of their store's, and the stores take
 * turns. Who finds no place is told at once when to come back, instead of waiting for an answer that comes too late. A place is
 * found at the expense of the longest line: the rush of one store does not keep the others out.
 */
export class Admission {
  #inside = 0;
  #waiting = 0;
  /** In the order in which the stores have their turns. */
  readonly #lines = new Map<string, Waiter[]>();
  #turnedAway = 0;
  #turnMs = FIRST_GUESS_MS;
  #lastTurnAt: number | null = null;
  #nextReturnAt = 0;

  constructor(private readonly limits: AdmissionLimits) {}

  /** What an operator watches. */
  get counts(): { inside: number; waiting: number; turnedAway: number } {
    return { inside: this.#inside, waiting: this.#waiting, turnedAway: this.#turnedAway };
  }

  /**
   * Resolves when it is this caller's turn, which lasts until `leave`. Who is `gone` does not get one.
   * @throws GraphQLError THROTTLED with retryAfter in seconds; nothing has been done then.
   */
  async enter(tenantId: string, gone: AbortSignal): Promise<Leave> {
    if (gone.aborted) throw serviceUnavailable();
    if (this.#inside >= this.limits.atOnce) await this.#waitInLine(tenantId, gone);
    else this.#inside += 1;
    let left = false;
    return () => {
      if (!left) this.#handOn();
      left = true;
    };
  }

  #waitInLine(tenantId: string, gone: AbortSignal): Promise<void> {
    this.#makeRoomFor(tenantId);
    return new Promise((resolve, reject) => {
      const over = AbortSignal.any([gone, AbortSignal.timeout(this.limits.longestWaitMs)]);
      const turnAway = () => {
        over.removeEventListener('abort', turnAway);
        this.#stepOut(tenantId, waiter);
        reject(gone.aborted ? serviceUnavailable() : this.#busy());
      };
      const start = () => {
        over.removeEventListener('abort', turnAway);
        resolve();
      };
      const waiter = { start, turnAway };
      over.addEventListener('abort', turnAway);
      const line = this.#lines.get(tenantId) ?? [];
      this.#lines.set(tenantId, line);
      line.push(waiter);
      this.#waiting += 1;
    });
  }

  /** Of the longest line the last, who has waited least, goes; unless that is the newcomer's own. @throws GraphQLError */
  #makeRoomFor(tenantId: string): void {
    if (this.#waiting < this.limits.waiting) return;
    const longest = [...this.#lines.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
    const own = this.#lines.get(tenantId)?.length ?? 0;
    if (longest.length <= own + 1) throw this.#busy();
    longest.at(-1)?.turnAway();
  }

  #stepOut(tenantId: string, waiter: Waiter): void {
    const left = (this.#lines.get(tenantId) ?? []).filter((one) => one !== waiter);
    if (left.length > 0) this.#lines.set(tenantId, left);
    else this.#lines.delete(tenantId);
    this.#waiting -= 1;
  }

  /** The turn goes to the store that has waited longest for one, and in it to who came first. */
  #handOn(): void {
    const [next] = this.#lines;
    if (!next) {
      this.#inside -= 1;
      this.#lastTurnAt = null;
      return;
    }
    this.#observeTurn();
    const [tenantId, [first, ...others]] = next;
    this.#lines.delete(tenantId);
    if (others.length > 0) this.#lines.set(tenantId, others);
    this.#waiting -= 1;
    first?.start();
  }

  /** How long it takes, while some wait, until the next has their turn. */
  #observeTurn(): void {
    const now = performance.now();
    if (this.#lastTurnAt !== null) {
      this.#turnMs = OF_BEFORE * this.#turnMs + (1 - OF_BEFORE) * (now - this.#lastTurnAt);
    }
    this.#lastTurnAt = now;
  }

  /** Each is told to come back a little later than the one before, so that they come about as fast as they can be served. */
  #busy(): GraphQLError {
    this.#turnedAway += 1;
    const now = performance.now();
    const next = Math.max(this.#nextReturnAt, now) + this.#turnMs / RETURNS_PER_TURN;
    this.#nextReturnAt = Math.min(next, now + LATEST_RETURN_MS);
    const retryAfter = Math.ceil((this.#nextReturnAt - now) / 1_000);
    const message = `More want to buy than can be served at once. Nothing was bought; try again in ${retryAfter} s.`;
    return graphqlError('THROTTLED', message, { retryAfter });
  }
}
