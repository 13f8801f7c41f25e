import { Registry } from 'prom-client';
import { createCounters } from './counters';
import { createGuessLimits } from './guessLimits';
import { createLogger } from './log';

const guessLimits = (metrics = new Registry()) =>
  createGuessLimits(createCounters(undefined, createLogger('order', 'silent')), metrics);
const at = (clientAddress: string | null, tenantId = 'org_a') => ({ tenantId, clientAddress });
const throttled = { extensions: { code: 'THROTTLED', retryAfter: expect.any(Number) } };

/** One try, which finds this. */
const guess = (found: string | null) => ({ look: async () => found, isWrong: (it: string | null) => it === null });

/** @returns how many of so many wrong tries were let through. */
async function wrongTries(
  limits: ReturnType<typeof guessLimits>,
  times: number,
  caller: (n: number) => ReturnType<typeof at>,
) {
  const tries = Array.from({ length: times }, (_, n) => limits.attempt(caller(n), 'guestOrder', guess(null)));
  const outcomes = await Promise.allSettled(tries);
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

afterEach(() => jest.useRealTimers());

describe('guesses', () => {
  it('of one address are THROTTLED after ten wrong ones, even at the same moment, and then not even looked up', async () => {
    const limits = guessLimits();
    expect(await wrongTries(limits, 110, () => at('203.0.113.7'))).toBe(10);
    const look = jest.fn();
    const right = { look, isWrong: () => false };
    await expect(limits.attempt(at('203.0.113.7'), 'guestOrder', right)).rejects.toMatchObject(throttled);
    expect(look).not.toHaveBeenCalled();
  });

  it('of a store are THROTTLED after three hundred wrong ones, from however many addresses', async () => {
    const limits = guessLimits();
    expect(await wrongTries(limits, 400, (n) => at(`198.51.100.${n}`))).toBe(300);
    await expect(limits.attempt(at('192.0.2.1'), 'guestOrder', guess('found'))).rejects.toMatchObject(throttled);
  });

  it('that are THROTTLED are counted, by what was tried and by whose limit', async () => {
    const metrics = new Registry();
    await wrongTries(guessLimits(metrics), 13, () => at('203.0.113.7'));
    expect(await metrics.metrics()).toContain('guesses_throttled_total{kind="guestOrder",limit="address"} 3\n');
  });

  it('take nothing from another address, another store, or another kind of guess', async () => {
    const limits = guessLimits();
    await wrongTries(limits, 20, () => at('203.0.113.7'));
    expect(await limits.attempt(at('203.0.113.8'), 'guestOrder', guess('found'))).toBe('found');
    expect(await limits.attempt(at('203.0.113.7', 'org_b'), 'guestOrder', guess('found'))).toBe('found');
    expect(await limits.attempt(at('203.0.113.7'), 'discountCode', guess('found'))).toBe('found');
  });

  it('that are right, or can’t be looked up, count for nothing', async () => {
    const limits = guessLimits();
    const fails = { look: () => Promise.reject(new Error('no database')), isWrong: () => true };
    for (let n = 0; n < 50; n += 1) {
      expect(await limits.attempt(at('203.0.113.7'), 'guestOrder', guess('found'))).toBe('found');
      await expect(limits.attempt(at('203.0.113.7'), 'guestOrder', fails)).rejects.toThrow('no database');
    }
    expect(await wrongTries(limits, 10, () => at('203.0.113.7'))).toBe(10);
  });

  it('may go on when the time has come that was said', async () => {
    jest.useFakeTimers();
    const limits = guessLimits();
    await wrongTries(limits, 10, () => at('203.0.113.7'));
    jest.advanceTimersByTime(400_000);
    const refused = await limits.attempt(at('203.0.113.7'), 'guestOrder', guess('found')).catch((error) => error);
    expect(refused.extensions.retryAfter).toBe(200);
    jest.advanceTimersByTime(200_000);
    expect(await limits.attempt(at('203.0.113.7'), 'guestOrder', guess('found'))).toBe('found');
  });
});
