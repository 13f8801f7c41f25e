import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  CountBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import type { Audience } from '../../subgraphs/shared/caller';
import type { Logger } from '../../subgraphs/shared/log';
import { SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';

/** Half of the last calls, and at least five: one that hangs costs each of these callers its whole time limit. */
const OPENS = { threshold: 0.49, size: 20, minimumNumberOfCalls: 5 };
const PROBE_AFTER_MS = 1_000;

/** When a call that the breaker did not let through may be sent again, in seconds. */
export const RETRY_AFTER_OPEN = Math.ceil(PROBE_AFTER_MS / 1_000);

/** The circuit is open: the call was not sent. */
export class CircuitOpen extends Error {
  override readonly name = 'CircuitOpen';
}

/** Nobody waits for the call any more, which says nothing about the subgraph. */
class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

export type Circuit = 'CLOSED' | 'HALF_OPEN' | 'OPEN';

export interface CircuitBreaker {
  readonly circuit: Circuit;
  /** @throws CircuitOpen without calling; otherwise what `call` throws. @param canceled aborted when nobody waits for the answer. */
  call<Result>(call: () => Promise<Result>, canceled: AbortSignal): Promise<Result>;
}

/**
 * A circuit breaker for one subgraph: after timeouts and connection faults, not errors in answers, calls fail at once for a second. Then
 * the next call is sent if a probe of a second is answered, so that a subgraph that hangs holds nobody up for longer.
 * @param probe rejects with SubgraphUnavailable.
 */
export function createCircuitBreaker(
  subgraph: Audience,
  probe: () => Promise<void>,
  log: Logger,
  { probeAfterMs = PROBE_AFTER_MS } = {},
): CircuitBreaker {
  const policy: CircuitBreakerPolicy = circuitBreaker(
    handleWhen((error) => error instanceof SubgraphUnavailable),
    { halfOpenAfter: probeAfterMs, breaker: new CountBreaker(OPENS) },
  );
  let isLogged = false;
  policy.onBreak(() => {
    // Also after each failed probe, which is no news.
    if (!isLogged) log.warn({ subgraph }, 'circuit opened: the subgraph does not answer');
    isLogged = true;
  });
  policy.onReset(() => {
    isLogged = false;
    log.info({ subgraph }, 'circuit closed: the subgraph answers again');
  });

  return {
    get circuit() {
      return policy.state === CircuitState.Closed
        ? 'CLOSED'
        : policy.state === CircuitState.Open
          ? 'OPEN'
          : 'HALF_OPEN';
    },
    async call<Result>(call: () => Promise<Result>, canceled: AbortSignal): Promise<Result> {
      try {
        return await policy.execute(async () => {
          // It is the one call of a second that tries whether the subgraph answers again.
          if (policy.state !== CircuitState.Closed) await probe();
          try {
            return await call();
          } catch (error) {
            throw canceled.aborted ? new Abandoned() : error;
          }
        });
      } catch (error) {
        throw error instanceof BrokenCircuitError ? new CircuitOpen() : error;
      }
    },
  };
}
