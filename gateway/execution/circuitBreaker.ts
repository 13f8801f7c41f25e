import type { Audience } from '../../subgraphs/shared/caller';
import { type Circuit, createBreaker } from '../../subgraphs/shared/circuitBreaker';
import type { Logger } from '../../subgraphs/shared/log';
import { SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';

const PROBE_AFTER_MS = 1_000;

/** When a call that the breaker did not let through may be sent again, in seconds. */
export const RETRY_AFTER_OPEN = Math.ceil(PROBE_AFTER_MS / 1_000);

/** Nobody waits for the call any more, which says nothing about the subgraph. */
class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

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
  const breaker = createBreaker({
    isAway: (error) => error instanceof SubgraphUnavailable,
    retryAfterMs: probeAfterMs,
    probe,
    onOpen: () => log.warn({ subgraph }, 'circuit opened: the subgraph does not answer'),
    onClose: () => log.info({ subgraph }, 'circuit closed: the subgraph answers again'),
  });
  return {
    get circuit() {
      return breaker.circuit;
    },
    call: (call, canceled) =>
      breaker.call(async () => {
        try {
          return await call();
        } catch (error) {
          throw canceled.aborted ? new Abandoned() : error;
        }
      }),
  };
}
