import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import Redis from 'ioredis';
import { type Counters, createCounters } from '../../subgraphs/shared/counters';
import { createLogger } from '../../subgraphs/shared/log';
import { startTcpProxy, type TcpProxy } from '../../subgraphs/shared/test/tcpProxy';
import { type Charge, createRateLimits, MIN_COST_PER_MINUTE, type RateLimits } from './rateLimits';

const REDIS = { host: '127.0.0.1', port: 6379 };
const PART = MIN_COST_PER_MINUTE / 6;
const throttled = { extensions: { code: 'THROTTLED' } };

const open: Counters[] = [];
function rateLimitsAt(url: string): RateLimits {
  const counters = createCounters(url, createLogger('gateway', 'silent'));
  open.push(counters);
  return createRateLimits({ callerPerMinute: MIN_COST_PER_MINUTE, counters });
}
afterEach(() => {
  for (const counters of open.splice(0)) counters.close();
});

/** A program of a line, for the question must be answered before the tests are named. */
function isRedisThere(): boolean {
  const probe = `require('node:net').connect(${REDIS.port}, '${REDIS.host}').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`;
  try {
    execFileSync(process.execPath, ['-e', probe]);
    return true;
  } catch {
    return false;
  }
}

const isThere = isRedisThere();
const isRequired = process.env.REQUIRE_SERVICES === '1';
// A service that is required and is not there fails the tests by itself.
const describeWithRedis = isThere || isRequired ? describe : describe.skip;

describeWithRedis('with a Redis at 127.0.0.1:6379', () => {
  let proxy: TcpProxy;
  let redis: Redis;
  beforeAll(async () => {
    proxy = await startTcpProxy(REDIS);
    redis = new Redis(REDIS);
  });
  afterAll(async () => {
    redis?.disconnect();
    await proxy?.cut();
  });

  /** Two gateways, and a key that nobody has used. */
  async function twoGateways() {
    const url = `redis://127.0.0.1:${proxy.port}`;
    const gateways = [rateLimitsAt(url), rateLimitsAt(url)] as const;
    await until(async () => {
      // What one has spent the other sees: both are connected.
      const key = randomUUID();
      await gateways[0].limitAddress(key, PART);
      return gateways[1].limitAddress(key, 1).then(
        () => false,
        () => true,
      );
    });
    return { first: gateways[0], second: gateways[1], key: randomUUID() };
  }

  it('two gateways share one limit, which is reset after ten seconds at most', async () => {
    const { first, second, key } = await twoGateways();
    await first.limitAddress(key, PART);
    await expect(second.limitAddress(key, 1)).rejects.toMatchObject(throttled);
    const ttl = await redis.pttl(`budget:address:${MIN_COST_PER_MINUTE}:${key}`);
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(10_000);
  });

  it.each<[string, (key: string) => Promise<() => Promise<unknown>>]>([
    [
      'holds something else under the key',
      async (key) => {
        await redis.lpush(`budget:address:${MIN_COST_PER_MINUTE}:${key}`, 'x');
        return () => redis.del(`budget:address:${MIN_COST_PER_MINUTE}:${key}`);
      },
    ],
    [
      'is full and takes no writes',
      async () => {
        const [, policy = ''] = (await redis.config('GET', 'maxmemory-policy')) as string[];
        const [, limit = '0'] = (await redis.config('GET', 'maxmemory')) as string[];
        await redis.config('SET', 'maxmemory-policy', 'noeviction');
        await redis.config('SET', 'maxmemory', '1');
        return async () => {
          await redis.config('SET', 'maxmemory', limit);
          await redis.config('SET', 'maxmemory-policy', policy);
        };
      },
    ],
    [
      'answers half a minute late',
      async () => {
        await redis.client('PAUSE', 30_000, 'WRITE');
        return () => redis.client('UNPAUSE');
      },
    ],
  ])('F14 when it %s, each gateway counts for itself, and no request is delayed', async (_what, hurt) => {
    const { first, second, key } = await twoGateways();
    const heal = await hurt(key);
    try {
      const begun = performance.now();
      await first.limitAddress(key, PART);
      await second.limitAddress(key, PART);
      await expect(first.limitAddress(key, 1)).rejects.toMatchObject(throttled);
      await expect(second.limitAddress(key, 1)).rejects.toMatchObject(throttled);
      expect(performance.now() - begun).toBeLessThan(25_000);
    } finally {
      await heal();
    }
  });

  it('two gateways share what one of them gives back', async () => {
    const { first, second, key } = await twoGateways();
    const charges: Charge[] = [];
    await first.limitAddress(key, PART, charges);
    expect(await charges[0]?.correct(-PART / 2)).toBe(PART / 2);
    await second.limitAddress(key, PART / 2);
    await expect(second.limitAddress(key, 1)).rejects.toMatchObject(throttled);
  });

  it('F14 when it was flushed, the count starts at zero', async () => {
    const { first, key } = await twoGateways();
    await first.limitAddress(key, PART);
    await redis.del(`budget:address:${MIN_COST_PER_MINUTE}:${key}`);
    await first.limitAddress(key, PART);
  });

  it('F14 when the connection breaks, each gateway counts for itself until it reconnects', async () => {
    const { first, second, key } = await twoGateways();
    await proxy.cut();
    await first.limitAddress(key, PART);
    await expect(first.limitAddress(key, 1)).rejects.toMatchObject(throttled);
    await second.limitAddress(key, PART);
    await proxy.open();
    await until(async () => {
      const other = randomUUID();
      await first.limitAddress(other, PART);
      return second.limitAddress(other, 1).then(
        () => false,
        () => true,
      );
    });
  });
});

describe('without a Redis', () => {
  it('F14 when it never existed, or accepts connections and never answers, a gateway counts for itself', async () => {
    const sockets = new Set<Socket>();
    const silent = await listening(createServer((socket) => void sockets.add(socket)));
    for (const url of ['redis://127.0.0.1:9', `redis://127.0.0.1:${silent.port}`]) {
      const { limitAddress } = rateLimitsAt(url);
      await limitAddress('a', PART);
      await expect(limitAddress('a', 1)).rejects.toMatchObject(throttled);
    }
    for (const socket of sockets) socket.destroy();
    silent.server.close();
  });
});

async function listening(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as { port: number }).port };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('It never came to that');
}
