import Redis from 'ioredis';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from '../../subgraphs/shared/caller';
import type { Logger } from '../../subgraphs/shared/log';
import { throttled } from '../requestErrors';
import { MAX_COST } from './queryCost';

/** Limits are per minute and hold in windows of ten seconds, so that whoever has reached one waits for seconds. */
const WINDOWS_PER_MINUTE = 6;
const WINDOW_SECONDS = 60 / WINDOWS_PER_MINUTE;
/** The lowest limit under which the largest allowed operation fits into one window. */
export const MIN_COST_PER_MINUTE = WINDOWS_PER_MINUTE * MAX_COST;

/** How long a request waits for Redis, and how long Redis is bypassed after an error. */
const MAX_WAIT_MS = 100;
const REDIS_BYPASS_MS = 5_000;

/** Rate limits in the cost of operations, as queryCost.ts estimates it. The calls throw GraphQLError THROTTLED. */
export interface RateLimits {
  /** Of a client's address, before the token is verified: so guessing at tokens is limited, too. */
  limitAddress(address: string, cost: number): Promise<void>;
  /** Of the person, and of the store. The store's staff have a limit of their own, so that a flood of shoppers does not lock them out. */
  limitCaller(caller: Caller, storePerMinute: number, cost: number): Promise<void>;
  /** Counts a request that was rejected. It throws nothing: the limit is enforced by rejectExhausted on the next request. */
  countRejected(kind: RejectedKind, address: string): Promise<void>;
  /** Reads this gateway's memory only, and not Redis. */
  rejectExhausted(kind: RejectedKind, address: string): void;
  close(): void;
}

/** What can be rejected before the caller is known; each kind has a limit of its own. */
export type RejectedKind = 'document' | 'webhook';
/** The work until a request is rejected, in the cost of operations: parsing and validating the longest document, or forwarding a delivery and verifying it. */
const COST_OF_REJECTED: Record<RejectedKind, number> = { document: 200, webhook: 500 };
const MAX_EXHAUSTED = 10_000;

interface RateLimitOptions {
  /** The limit of one address, and of one person. */
  callerPerMinute: number;
  /** Where gateways share their counts; without it each counts for itself. */
  redisUrl: string | undefined;
  log: Logger;
}

/**
 * Counts in Redis where there is one. While Redis is slow, read-only or answers errors, each gateway counts in its own memory: the limits
 * then hold per gateway, and no request fails because of Redis.
 */
export function createRateLimits({ callerPerMinute, redisUrl, log }: RateLimitOptions): RateLimits {
  const redis = redisUrl === undefined ? null : connect(redisUrl, log);
  const limiters = new Map<string, (key: string, cost: number) => Promise<unknown>>();
  let bypassRedisUntil = Number.NEGATIVE_INFINITY;
  /** Until when, by the monotonic clock, requests of a kind from an address are rejected unread. */
  const exhaustedUntil = new LRUCache<string, number>({ max: MAX_EXHAUSTED });

  function limiterOf(name: string, perMinute: number) {
    const id = `budget:${name}:${perMinute}`;
    const known = limiters.get(id);
    if (known) return known;
    const options = { keyPrefix: id, points: Math.floor(perMinute / WINDOWS_PER_MINUTE), duration: WINDOW_SECONDS };
    const memory = new RateLimiterMemory(options);
    const shared = redis && new RateLimiterRedis({ ...options, storeClient: redis });
    const limiter = async (key: string, cost: number) => {
      if (!shared || redis.status !== 'ready' || performance.now() < bypassRedisUntil) return memory.consume(key, cost);
      try {
        return await shared.consume(key, cost);
      } catch (error) {
        if (error instanceof RateLimiterRes) throw error;
        bypassRedisUntil = performance.now() + REDIS_BYPASS_MS;
        log.warn({ err: error }, 'Redis is bypassed: this gateway counts in its own memory');
        return memory.consume(key, cost);
      }
    };
    limiters.set(id, limiter);
    return limiter;
  }

  async function consume(
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
    limitAddress: (address, cost) => consume('address', address, callerPerMinute, cost),
    limitCaller: async ({ tenantId, userId, role }, storePerMinute, cost) => {
      const whose = role === 'MEMBER' || role === 'ADMIN' ? 'staff' : 'store';
      await Promise.all([
        userId === null ? undefined : consume('user', userId, callerPerMinute, cost),
        tenantId === null ? undefined : consume(whose, tenantId, storePerMinute, cost),
      ]);
    },
    countRejected: async (kind, address) => {
      try {
        await limiterOf(`refused:${kind}`, callerPerMinute)(address, COST_OF_REJECTED[kind]);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        exhaustedUntil.set(`${kind} ${address}`, performance.now() + error.msBeforeNext);
      }
    },
    rejectExhausted: (kind, address) => {
      const waitMs = (exhaustedUntil.get(`${kind} ${address}`) ?? 0) - performance.now();
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
  redis.on('error', (error: Error) => log.warn({ err: error }, 'Redis is unavailable'));
  return redis;
}
