import pino from 'pino';
import { CircuitOpen } from '../../subgraphs/shared/circuitBreaker';
import { createLogger } from '../../subgraphs/shared/log';
import { SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import { createCircuitBreaker } from './circuitBreaker';

const NEVER = new AbortController().signal;
const away = async () => {
  throw new SubgraphUnavailable('product', 'away');
};
const log = createLogger('gateway', 'silent');

async function fail(breaker: ReturnType<typeof createCircuitBreaker>, times: number): Promise<void> {
  for (let failed = 0; failed < times; failed += 1) await breaker.call(away, NEVER).catch(() => {});
}

describe('a circuit breaker', () => {
  it('does not call a subgraph of which half of the last calls failed, five at least', async () => {
    const breaker = createCircuitBreaker('product', away, log);
    await fail(breaker, 4);
    await expect(breaker.call(async () => 'answered', NEVER)).resolves.toBe('answered');
    expect(breaker.circuit).toBe('CLOSED');
    await fail(breaker, 1);
    const call = jest.fn();
    await expect(breaker.call(call, NEVER)).rejects.toThrow(CircuitOpen);
    expect(call).not.toHaveBeenCalled();
    expect(breaker.circuit).toBe('OPEN');
  });

  it('is not opened by errors of another kind, nor by clients that hang up', async () => {
    const breaker = createCircuitBreaker('product', away, log);
    const wrong = async () => {
      throw new Error('refused');
    };
    for (let n = 0; n < 20; n += 1) await expect(breaker.call(wrong, NEVER)).rejects.toThrow('refused');
    for (let n = 0; n < 20; n += 1) await expect(breaker.call(away, AbortSignal.abort())).rejects.toThrow('');
    expect(breaker.circuit).toBe('CLOSED');
  });

  it('logs that it opens, not each probe that fails, and that it closes', async () => {
    const said: string[] = [];
    const listening = pino({}, { write: (line) => void said.push(JSON.parse(line).msg.split(':')[0]) });
    let probe = away as () => Promise<void>;
    const breaker = createCircuitBreaker('product', () => probe(), listening, { probeAfterMs: 0 });
    await fail(breaker, 8);
    expect(said).toEqual(['circuit opened']);
    probe = async () => {};
    await breaker.call(async () => {}, NEVER);
    expect(said).toEqual(['circuit opened', 'circuit closed']);
    await fail(breaker, 8);
    expect(said).toEqual(['circuit opened', 'circuit closed', 'circuit opened']);
  });

  it('stays open while the probe fails, without a call, and closes with the first call after one that is answered', async () => {
    let probe = away as () => Promise<void>;
    const breaker = createCircuitBreaker('product', () => probe(), log, { probeAfterMs: 0 });
    await fail(breaker, 5);
    const call = jest.fn(async () => 'answered');
    await expect(breaker.call(call, NEVER)).rejects.toThrow(SubgraphUnavailable);
    expect([call.mock.calls.length, breaker.circuit]).toEqual([0, 'OPEN']);
    probe = async () => {};
    await expect(breaker.call(call, NEVER)).resolves.toBe('answered');
    expect([call.mock.calls.length, breaker.circuit]).toEqual([1, 'CLOSED']);
  });
});
