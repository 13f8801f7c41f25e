import { createLogger } from '../../subgraphs/shared/log';
import { admin, customer, member, visitor } from '../../subgraphs/shared/test/askSubgraph';
import { createBudgets, MIN_PER_MINUTE } from './budgets';

const budgets = () =>
  createBudgets({ callerPerMinute: MIN_PER_MINUTE, redisUrl: undefined, log: createLogger('gateway', 'silent') });
const PART = MIN_PER_MINUTE / 6;
const throttled = { extensions: { code: 'THROTTLED', retryAfter: expect.any(Number), http: { status: 429 } } };

describe('a budget', () => {
  test('is refused once a sixth of it was spent in ten seconds, and says when to come back', async () => {
    const { spendOfAddress } = budgets();
    await spendOfAddress('a', PART - 1);
    await spendOfAddress('a', 1);
    const error = await spendOfAddress('a', 1).catch((thrown: { extensions: { retryAfter: number } }) => thrown);
    expect(error).toMatchObject(throttled);
    expect(error?.extensions.retryAfter).toBeGreaterThanOrEqual(1);
    expect(error?.extensions.retryAfter).toBeLessThanOrEqual(10);
  });

  test('is each address’s, each person’s and each store’s own', async () => {
    const { spendOfAddress, spendOfCaller } = budgets();
    await spendOfAddress('a', PART);
    await expect(spendOfAddress('a', 1)).rejects.toMatchObject(throttled);
    await spendOfAddress('b', PART);
    await spendOfCaller(customer('a', 'a'), 2 * MIN_PER_MINUTE, PART);
    await expect(spendOfCaller(customer('b', 'a'), MIN_PER_MINUTE, 1)).rejects.toMatchObject(throttled);
    await spendOfCaller(customer('a', 'b'), 2 * MIN_PER_MINUTE, PART);
    await expect(spendOfCaller(visitor('a'), 2 * MIN_PER_MINUTE, 1)).rejects.toMatchObject(throttled);
    await spendOfCaller(visitor('b'), MIN_PER_MINUTE, PART - 1);
  });

  test('of a store’s staff is not spent by however many shoppers', async () => {
    const { spendOfCaller } = budgets();
    await expect(spendOfCaller(visitor('a'), MIN_PER_MINUTE, 2 * PART)).rejects.toMatchObject(throttled);
    await spendOfCaller(admin('a'), MIN_PER_MINUTE, PART);
    await expect(spendOfCaller(member('a'), MIN_PER_MINUTE, 1)).rejects.toMatchObject(throttled);
  });

  test('of a store grows with its plan at once', async () => {
    const { spendOfCaller } = budgets();
    await spendOfCaller(visitor('a'), MIN_PER_MINUTE, PART);
    await expect(spendOfCaller(visitor('a'), MIN_PER_MINUTE, 1)).rejects.toMatchObject(throttled);
    await spendOfCaller(visitor('a'), 2 * MIN_PER_MINUTE, 1);
  });
});
