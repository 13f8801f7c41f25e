import { createLogger } from '../../subgraphs/shared/log';
import { admin, customer, member, visitor } from '../../subgraphs/shared/test/askSubgraph';
import { createRateLimits, MIN_COST_PER_MINUTE } from './rateLimits';

const rateLimits = () =>
  createRateLimits({
    callerPerMinute: MIN_COST_PER_MINUTE,
    redisUrl: undefined,
    log: createLogger('gateway', 'silent'),
  });
const PART = MIN_COST_PER_MINUTE / 6;
const throttled = { extensions: { code: 'THROTTLED', retryAfter: expect.any(Number), http: { status: 429 } } };

describe('a rate limit', () => {
  test('rejects once a sixth of it was spent in ten seconds, and says when to retry', async () => {
    const { limitAddress } = rateLimits();
    await limitAddress('a', PART - 1);
    await limitAddress('a', 1);
    const error = await limitAddress('a', 1).catch((thrown: { extensions: { retryAfter: number } }) => thrown);
    expect(error).toMatchObject(throttled);
    expect(error?.extensions.retryAfter).toBeGreaterThanOrEqual(1);
    expect(error?.extensions.retryAfter).toBeLessThanOrEqual(10);
  });

  test('is separate for each address, person and store', async () => {
    const { limitAddress, limitCaller } = rateLimits();
    await limitAddress('a', PART);
    await expect(limitAddress('a', 1)).rejects.toMatchObject(throttled);
    await limitAddress('b', PART);
    await limitCaller(customer('a', 'a'), 2 * MIN_COST_PER_MINUTE, PART);
    await expect(limitCaller(customer('b', 'a'), MIN_COST_PER_MINUTE, 1)).rejects.toMatchObject(throttled);
    await limitCaller(customer('a', 'b'), 2 * MIN_COST_PER_MINUTE, PART);
    await expect(limitCaller(visitor('a'), 2 * MIN_COST_PER_MINUTE, 1)).rejects.toMatchObject(throttled);
    await limitCaller(visitor('b'), MIN_COST_PER_MINUTE, PART - 1);
  });

  test('of a store’s staff is not used up by any number of shoppers', async () => {
    const { limitCaller } = rateLimits();
    await expect(limitCaller(visitor('a'), MIN_COST_PER_MINUTE, 2 * PART)).rejects.toMatchObject(throttled);
    await limitCaller(admin('a'), MIN_COST_PER_MINUTE, PART);
    await expect(limitCaller(member('a'), MIN_COST_PER_MINUTE, 1)).rejects.toMatchObject(throttled);
  });

  test('of a store grows with its plan immediately', async () => {
    const { limitCaller } = rateLimits();
    await limitCaller(visitor('a'), MIN_COST_PER_MINUTE, PART);
    await expect(limitCaller(visitor('a'), MIN_COST_PER_MINUTE, 1)).rejects.toMatchObject(throttled);
    await limitCaller(visitor('a'), 2 * MIN_COST_PER_MINUTE, 1);
  });
});
