import { createCounters } from '../../subgraphs/shared/counters';
import { createLogger } from '../../subgraphs/shared/log';
import { processRegistry } from '../../subgraphs/shared/metrics/processMetrics';
import { admin, customer, member, visitor } from '../../subgraphs/shared/test/askSubgraph';
import { type Charge, createRateLimits, MIN_COST_PER_MINUTE } from './rateLimits';

const rateLimits = () =>
  createRateLimits({
    callerPerMinute: MIN_COST_PER_MINUTE,
    counters: createCounters(undefined, createLogger('gateway', 'silent')),
  });
const PART = MIN_COST_PER_MINUTE / 6;
const throttled = { extensions: { code: 'THROTTLED', retryAfter: expect.any(Number), http: { status: 429 } } };

/** How many requests were rejected by the limit of an address, also those of other tests in this process. */
async function rejectedAddresses(): Promise<number> {
  const counted = await processRegistry.getSingleMetric('rate_limit_rejections_total')?.get();
  return counted?.values.find(({ labels }) => labels.limit === 'address')?.value ?? 0;
}

describe('a rate limit', () => {
  test('rejects once a sixth of it was spent in ten seconds, and says when to retry', async () => {
    const { limitAddress } = rateLimits();
    const before = await rejectedAddresses();
    await limitAddress('a', PART - 1);
    await limitAddress('a', 1);
    const error = await limitAddress('a', 1).catch((thrown: { extensions: { retryAfter: number } }) => thrown);
    expect(error).toMatchObject(throttled);
    expect(error?.extensions.retryAfter).toBeGreaterThanOrEqual(1);
    expect(error?.extensions.retryAfter).toBeLessThanOrEqual(10);
    expect((await rejectedAddresses()) - before).toBe(1);
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

  test('says what is left, and takes or gives back what an operation came to', async () => {
    const { limitAddress } = rateLimits();
    const charges: Charge[] = [];
    await limitAddress('a', PART - 10, charges);
    expect(charges).toEqual([
      { remaining: 10, restoreRate: MIN_COST_PER_MINUTE / 60, isExhausted: false, correct: expect.any(Function) },
    ]);
    expect(await charges[0]?.correct(-PART / 2)).toBe(PART / 2 + 10);
    await limitAddress('a', PART / 2 + 9);
    expect(await charges[0]?.correct(1)).toBe(0);
    await expect(limitAddress('a', 1, charges)).rejects.toMatchObject(throttled);
    expect(charges[1]).toMatchObject({ remaining: 0, isExhausted: true });
  });

  test('of a store grows with its plan immediately', async () => {
    const { limitCaller } = rateLimits();
    await limitCaller(visitor('a'), MIN_COST_PER_MINUTE, PART);
    await expect(limitCaller(visitor('a'), MIN_COST_PER_MINUTE, 1)).rejects.toMatchObject(throttled);
    await limitCaller(visitor('a'), 2 * MIN_COST_PER_MINUTE, 1);
  });
});
