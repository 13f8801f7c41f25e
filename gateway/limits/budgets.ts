import Redis from 'ioredis';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from '../../subgraphs/shared/caller';
import type { Logger } from '../../subgraphs/shared/log';
import { throttled } from '../requestErrors';
import { MAX_COST } from './queryCost';

/** A budget of a minute is had in six parts, so that who has spent it waits for seconds. */
const PARTS = 6;
const PART_SECONDS = 60 / PARTS;
/** A caller's own budget lets at least one of the largest operations through. */
export const MIN_PER_MINUTE = PARTS * MAX_COST;

/** The longest that a request waits for Redis, and how long Redis is then left alone. */
const MAX_WAIT_MS = 100;
const LEFT_ALONE_MS = 5_000;

/** What callers and stores may still ask for, in the cost of operations. Its calls throw GraphQLError THROTTLED. */
export interface Budgets {
  /** By the address before anything is known of the caller, so that guessing at tokens is limited, too. */
  spendOfAddress(address: string, cost: number): Promise<void>;
  /** The person's own budget, and the store's; its staff have one of their own, so that no flood of shoppers keeps them out. */
  spendOfCaller(caller: Caller, storePerMinute: number, cost: number): Promise<void>;
  /** Counts what was refused already: it throws nothing, and what comes next is refused unread. */
  countRefused(kind: RefusedKind, address: string): Promise<void>;
  /** Asks nobody but this gateway's memory. */
  refuseSpent(kind: RefusedKind, address: string): void;
  close(): void;
}

/** What can be refused before anything is known of who sent it, each kind with a budget of its own. */
export type RefusedKind = 'document' | 'webhook';
/** About what it takes to find out: to parse and validate the longest document, to hand a delivery on and verify it. */
const COST_OF_REFUSED: Record<RefusedKind, number> = { document: 200, webhook: 500 };
const REMEMBERED_SPENT = 10_000;

interface BudgetOptions {
  /** For one address, and for one person. */
  callerPerMinute: number;
  /** Where gateways share their counts. Each counts for itself without it. */
  redisUrl: string | undefined;
  log: Logger;
}

/**
 * Counts in Redis where there is one. When it does not answer in time, refuses to write, or answers something else, each gateway
 * counts for itself until it does again: the limits hold for each gateway alone then, and nobody is refused for Redis's sake.
 */
export function createBudgets({ callerPerMinute, redisUrl, log }: BudgetOptions): Budgets {
  const redis = redisUrl === undefined ? null : connect(redisUrl, log);
  const limiters = new Map<string, (key: string, cost: number) => Promise<unknown>>();
  let leftAloneUntil = Number.NEGATIVE_INFINITY;
  /** Until when, by the monotonic clock, what an address sends of a kind is refused unread. */
  const spentUntil = new LRUCache<string, number>({ max: REMEMBERED_SPENT });

  function limiterOf(name: string, perMinute: number) {
    const id = `budget:${name}:${perMinute}`;
    const known = limiters.get(id);
    if (known) return known;
    const options = { keyPrefix: id, points: Math.floor(perMinute / PARTS), duration: PART_SECONDS };
    const memory = new RateLimiterMemory(options);
    const shared = redis && new RateLimiterRedis({ ...options, storeClient: redis });
    const consume = async (key: string, cost: number) => {
      if (!shared || redis.status !== 'ready' || performance.now() < leftAloneUntil) return memory.consume(key, cost);
      try {
        return await shared.consume(key, cost);
      } catch (error) {
        if (error instanceof RateLimiterRes) throw error;
        leftAloneUntil = performance.now() + LEFT_ALONE_MS;
        log.warn({ err: error }, 'Redis does not count: this gateway counts for itself');
        return memory.consume(key, cost);
      }
    };
    limiters.set(id, consume);
    return consume;
  }

  async function spend(
    name: 'address' | 'user' | 'store' | 'staff',
    key: string,
    perMinute: number,
    cost: number,
  ): Promise<void> {
    try {
      await limiterOf(name, perMinute)(key, cost);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw throttled(name, error.msBeforeNext);
    }
  }

  return {
    spendOfAddress: (address, cost) => spend('address', address, callerPerMinute, cost),
    spendOfCaller: async ({ tenantId, userId, role }, storePerMinute, cost) => {
      const whose = role === 'MEMBER' || role === 'ADMIN' ? 'staff' : 'store';
      await Promise.all([
        userId === null ? undefined : spend('user', userId, callerPerMinute, cost),
        tenantId === null ? undefined : spend(whose, tenantId, storePerMinute, cost),
      ]);
    },
    countRefused: async (kind, address) => {
      try {
        await limiterOf(`refused:${kind}`, callerPerMinute)(address, COST_OF_REFUSED[kind]);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        spentUntil.set(`${kind} ${address}`, performance.now() + error.msBeforeNext);
      }
    },
    refuseSpent: (kind, address) => {
      const waitMs = (spentUntil.get(`${kind} ${address}`) ?? 0) - performance.now();
      if (waitMs > 0) throw throttled('address', waitMs);
    },
    close: () => redis?.disconnect(),
  };
}

function connect(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    commandTimeout: MAX_WAIT_MS,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
  });
  redis.on('error', (error: Error) => log.warn({ err: error }, 'Redis is not there'));
  return redis;
}
