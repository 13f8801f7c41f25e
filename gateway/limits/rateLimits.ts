import { LRUCache } from 'lru-cache';
import { Counter } from 'prom-client';
import type { Caller } from '../../subgraphs/shared/caller';
import type { Counters } from '../../subgraphs/shared/counters';
import { processRegistry } from '../../subgraphs/shared/metrics/processMetrics';
import { throttled } from '../requestErrors';
import { MAX_COST } from './queryCost';

/** Limits are per minute and hold in windows of ten seconds, so that whoever has reached one waits for seconds. */
const WINDOWS_PER_MINUTE = 6;
const WINDOW_SECONDS = 60 / WINDOWS_PER_MINUTE;
/** The lowest limit under which the largest allowed operation fits into one window. */
export const MIN_COST_PER_MINUTE = WINDOWS_PER_MINUTE * MAX_COST;

/** What one operation has taken from one rate limit. */
export interface Charge {
  /** What is left of the limit. */
  remaining: number;
  /** How much of it comes back in a second, on average: all of it at once, at the end of each ten seconds. */
  restoreRate: number;
  /** Whether it had too little left: the operation is THROTTLED. */
  isExhausted: boolean;
  /** Takes that much more, or gives it back when it is negative. @returns what is left then. */
  correct(by: number): Promise<number>;
}

/** Rate limits in the cost of operations, as queryCost.ts estimates it. The calls throw GraphQLError THROTTLED. */
export interface RateLimits {
  /** Of a client's address, before the token is verified: so guessing at tokens is limited, too. @param charges what is taken is added here. */
  limitAddress(address: string, cost: number, charges?: Charge[]): Promise<void>;
  /** Of the person, and of the store. The store's staff have a limit of their own, so that a flood of shoppers does not lock them out. */
  limitCaller(caller: Caller, storePerMinute: number, cost: number, charges?: Charge[]): Promise<void>;
  /** Counts a request that was rejected. It throws nothing: the limit is enforced by rejectExhausted on the next request. */
  countRejected(kind: RejectedKind, address: string): Promise<void>;
  /** Reads this gateway's memory only, and not Redis. */
  rejectExhausted(kind: RejectedKind, address: string): void;
}

/** What can be rejected before the caller is known; each kind has a limit of its own. */
export type RejectedKind = 'document' | 'webhook';
/** The work until a request is rejected, in the cost of operations: parsing and validating the longest document, or forwarding a delivery and verifying it. */
const COST_OF_REJECTED: Record<RejectedKind, number> = { document: 200, webhook: 500 };
const MAX_EXHAUSTED = 10_000;

const rejections = new Counter({
  name: 'rate_limit_rejections_total',
  help: 'Operations that were rejected, by whose rate limit was reached: address, user, store, staff; document and webhook: rejected unread',
  labelNames: ['limit'],
  registers: [processRegistry],
});

interface RateLimitOptions {
  /** The limit of one address, and of one person. */
  callerPerMinute: number;
  counters: Counters;
}

export function createRateLimits({ callerPerMinute, counters }: RateLimitOptions): RateLimits {
  /** Until when, by the monotonic clock, requests of a kind from an address are rejected unread. */
  const exhaustedUntil = new LRUCache<string, number>({ max: MAX_EXHAUSTED });

  const counterOf = (name: string, perMinute: number) =>
    counters.of({
      name: `budget:${name}:${perMinute}`,
      limit: Math.floor(perMinute / WINDOWS_PER_MINUTE),
      seconds: WINDOW_SECONDS,
    });

  async function consume(
    { name, key, perMinute }: { name: 'address' | 'user' | 'store' | 'staff'; key: string; perMinute: number },
    cost: number,
    charges: Charge[],
  ): Promise<void> {
    const counter = counterOf(name, perMinute);
    const { remaining, isExceeded, msLeft } = await counter.add(key, cost);
    charges.push({
      remaining,
      restoreRate: Math.floor(perMinute / 60),
      isExhausted: isExceeded,
      correct: async (by) => (await counter.add(key, by)).remaining,
    });
    if (!isExceeded) return;
    rejections.inc({ limit: name });
    throw throttled(name, msLeft);
  }

  return {
    limitAddress: (address, cost, charges = []) =>
      consume({ name: 'address', key: address, perMinute: callerPerMinute }, cost, charges),
    limitCaller: async ({ tenantId, userId, role }, storePerMinute, cost, charges = []) => {
      const whose = role === 'MEMBER' || role === 'ADMIN' || role === 'APP' ? 'staff' : 'store';
      await Promise.all([
        userId && consume({ name: 'user', key: userId, perMinute: callerPerMinute }, cost, charges),
        tenantId && consume({ name: whose, key: tenantId, perMinute: storePerMinute }, cost, charges),
      ]);
    },
    countRejected: async (kind, address) => {
      const counter = counterOf(`refused:${kind}`, callerPerMinute);
      const { isExceeded, msLeft } = await counter.add(address, COST_OF_REJECTED[kind]);
      if (isExceeded) exhaustedUntil.set(`${kind} ${address}`, performance.now() + msLeft);
    },
    rejectExhausted: (kind, address) => {
      const waitMs = (exhaustedUntil.get(`${kind} ${address}`) ?? 0) - performance.now();
      if (waitMs <= 0) return;
      rejections.inc({ limit: kind });
      throw throttled('address', waitMs);
    },
  };
}
