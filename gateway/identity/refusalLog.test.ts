import pino from 'pino';
import { forbidden } from '../../subgraphs/shared/errors';
import { invalidToken, signInRequired } from '../requestErrors';
import { createRefusalLog } from './refusalLog';

function refusalLog() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'warn', base: null }, { write: (line) => void lines.push(JSON.parse(line)) });
  return { lines, logRefusal: createRefusalLog(log) };
}

afterEach(() => jest.useRealTimers());

describe('why a token was refused', () => {
  it('is not said of other errors, nor of somebody without a token', () => {
    const { lines, logRefusal } = refusalLog();
    for (const error of [new Error('x'), forbidden(), signInRequired(), null]) logRefusal(error, 'r');
    expect(lines).toEqual([]);
  });

  it('is said at warn: the first of each reason, and after ten seconds how many more there were', () => {
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    const { lines, logRefusal } = refusalLog();
    for (let n = 0; n < 1_000; n += 1) logRefusal(invalidToken('token-expired'), `r${n}`);
    logRefusal(invalidToken('x'.repeat(1_000)), 'long');
    jest.advanceTimersByTime(10_000);
    logRefusal(invalidToken('token-expired'), 'later');
    expect(lines).toEqual([
      expect.objectContaining({ level: 40, msg: 'token refused', reason: 'token-expired', requestId: 'r0' }),
      expect.objectContaining({ reason: 'x'.repeat(200), requestId: 'long' }),
      expect.objectContaining({ reason: 'token-expired', requestId: 'later', notLogged: 999 }),
    ]);
  });
});
