import Redis from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { Logger } from './log';

/** How long a count waits for Redis, and how long Redis is bypassed after an error. */
const MAX_WAIT_MS = 100;
const REDIS_BYPASS_MS = 5_000;

interface CounterOptions {
  /** Counters of one name are one: it has to name the limit, too, where that may change. */
  name: string;
  /** How much may be counted for a key within a window. */
  limit: number;
  /** The window begins with a key's first count. */
  seconds: number;
}

/** What has been counted for a key. */
interface Count {
  /** Below the limit. */
  remaining: number;
  isExceeded: boolean;
  /** Until the window ends, and the key's count is none again. */
  msLeft: number;
}

interface Counter {
  /** Counts, whether the limit is exceeded by it or not; a negative number takes back what was counted. */
  add(key: string, points: number): Promise<Count>;
}

export interface Counters {
  of(options: CounterOptions): Counter;
  close(): void;
}

/**
 * Counts in the Redis at `redisUrl`, which several processes share. While Redis is slow, read-only or answers errors, or where there is
 * none, each process counts in its own memory: the limits then hold per process, and nothing fails because of Redis.
 */
export function createCounters(redisUrl: string | undefined, log: Logger): Counters {
  const redis = redisUrl === undefined ? null : connect(redisUrl, log);
  const counters = new Map<string, Counter>();
  let bypassRedisUntil = Number.NEGATIVE_INFINITY;

  function newCounter(options: { keyPrefix: string; points: number; duration: number }): Counter {
    const memory = new RateLimiterMemory(options);
    const shared = redis && new RateLimiterRedis({ ...options, storeClient: redis });
    return {
      async add(key, points) {
        if (!shared || redis.status !== 'ready' || performance.now() < bypassRedisUntil)
          return count(memory, key, points);
        try {
          return await count(shared, key, points);
        } catch (error) {
          bypassRedisUntil = performance.now() + REDIS_BYPASS_MS;
          log.warn({ err: error }, 'Redis is bypassed: this process counts in its own memory');
          return count(memory, key, points);
        }
      },
    };
  }

  return {
    of({ name, limit, seconds }) {
      const counter = counters.get(name) ?? newCounter({ keyPrefix: name, points: limit, duration: seconds });
      counters.set(name, counter);
      return counter;
    },
    close: () => redis?.disconnect(),
  };
}

async function count(limiter: RateLimiterMemory | RateLimiterRedis, key: string, points: number): Promise<Count> {
  const { remainingPoints, consumedPoints, msBeforeNext } = await (points < 0
    ? limiter.reward(key, -points)
    : limiter.penalty(key, points));
  const isExceeded = consumedPoints > limiter.points;
  return { remaining: Math.min(remainingPoints, limiter.points), isExceeded, msLeft: msBeforeNext };
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
