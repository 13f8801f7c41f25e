import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  CountBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';

/** Half of the last calls, and at least five: one that hangs costs each of these callers its whole time limit. */
const OPENS = { threshold: 0.49, size: 20, minimumNumberOfCalls: 5 };

/** The circuit is open: the call was not sent. */
export class CircuitOpen extends Error {
  override readonly name = 'CircuitOpen';
}

export type Circuit = 'CLOSED' | 'HALF_OPEN' | 'OPEN';

interface CircuitBreakerOptions {
  /** Whether what a call throws says that the other side does not answer. */
  isAway: (error: unknown) => boolean;
  /** How long calls fail at once before one is sent again. */
  retryAfterMs: number;
  /** Called before that one. It is not sent where this rejects with what `isAway`. */
  probe?: () => Promise<void>;
  /** Once until it closes: not for each try that fails, which is no news. */
  onOpen?: () => void;
  onClose?: () => void;
}

export interface Breaker {
  readonly circuit: Circuit;
  /** @throws CircuitOpen without calling; otherwise what `call` throws. */
  call<Result>(call: () => Promise<Result>): Promise<Result>;
}

/** A circuit breaker: when the other side is away, calls fail at once, and one of them tries from time to time whether it answers again. */
export function createBreaker({ isAway, retryAfterMs, probe, onOpen, onClose }: CircuitBreakerOptions): Breaker {
  const policy: CircuitBreakerPolicy = circuitBreaker(handleWhen(isAway), {
    halfOpenAfter: retryAfterMs,
    breaker: new CountBreaker(OPENS),
  });
  let isOpen = false;
  policy.onBreak(() => {
    if (!isOpen) onOpen?.();
    isOpen = true;
  });
  policy.onReset(() => {
    isOpen = false;
    onClose?.();
  });

  return {
    get circuit() {
      return policy.state === CircuitState.Closed
        ? 'CLOSED'
        : policy.state === CircuitState.Open
          ? 'OPEN'
          : 'HALF_OPEN';
    },
    async call<Result>(call: () => Promise<Result>): Promise<Result> {
      try {
        return await policy.execute(async () => {
          // It is the one call that tries whether the other side answers again.
          if (probe && policy.state !== CircuitState.Closed) await probe();
          return call();
        });
      } catch (error) {
        throw error instanceof BrokenCircuitError ? new CircuitOpen() : error;
      }
    },
  };
}
