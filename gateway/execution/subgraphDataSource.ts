import { AdmissionControl, type AdmissionLimits, type Outcome } from '../../subgraphs/shared/admission';
import type { Audience, Caller } from '../../subgraphs/shared/caller';
import { CircuitOpen } from '../../subgraphs/shared/circuitBreaker';
import { type ErrorCode, serviceUnavailable } from '../../subgraphs/shared/errors';
import type { Logger } from '../../subgraphs/shared/log';
import {
  CONNECTIONS,
  type SubgraphClient,
  type SubgraphError,
  SubgraphRefusedCaller,
  type SubgraphResult,
  SubgraphUnavailable,
} from '../../subgraphs/shared/subgraphClient';
import { createCircuitBreaker, RETRY_AFTER_OPEN } from './circuitBreaker';
import type { GatewayContext } from './context';
import type { SubgraphOperation } from './executePlan';
import type { CallOutcome, SubgraphMetrics } from './subgraphMetrics';

/** What the gateway did not send to a subgraph, because too many calls wait for it. */
class Overloaded extends Error {
  override readonly name = 'Overloaded';

  constructor(readonly retryAfter: number) {
    super('too many calls wait for the subgraph');
  }
}

type SubgraphCallContext = Pick<GatewayContext, 'caller' | 'requestId' | 'abortSignal' | 'operationLog'>;

/** Calls to one subgraph. Beyond its connections they would wait unfairly, and for longer than the client does. */
export const SUBGRAPH_CALLS: AdmissionLimits = {
  inFlight: CONNECTIONS,
  minInFlight: 16,
  queued: 4_096,
  maxWaitMs: 3_000,
  initialSlotMs: 5,
  rejection: (retryAfter) => new Overloaded(retryAfter),
};

interface SubgraphDataSourceOptions {
  client: SubgraphClient;
  metrics: SubgraphMetrics;
  log: Logger;
}

/**
 * Sends operations to one subgraph, each with the signed caller, but no header of the client, so clients can't forge internal headers. A
 * subgraph that is down or overloaded makes only its own fields null, and the error says when to retry.
 */
export function createSubgraphDataSource(subgraph: Audience, { client, metrics, log }: SubgraphDataSourceOptions) {
  const admission = new AdmissionControl(SUBGRAPH_CALLS);
  const breaker = createCircuitBreaker(subgraph, client.probe, log);
  metrics.register(subgraph, { admission, breaker });

  /** Calls when there is a slot. @throws Overloaded, and what `call` throws. */
  async function admitted<Result>(caller: Caller, canceled: AbortSignal, call: () => Promise<Result>): Promise<Result> {
    const release = await admission.acquire(caller.tenantId ?? '', canceled);
    let outcome: Outcome = 'ANSWERED';
    try {
      return await call();
    } catch (error) {
      outcome = error instanceof SubgraphUnavailable && error.timedOut ? 'TIMED_OUT' : 'FAILED';
      throw error;
    } finally {
      release(outcome);
    }
  }

  /** A part of the system that the subgraph needs does not answer: its own load is the best estimate of when to retry. */
  function withRetryAfter(error: SubgraphError): SubgraphError {
    const { code, retryAfter = admission.retryAfter() } = error.extensions ?? {};
    return code === 'SERVICE_UNAVAILABLE' ? { ...error, extensions: { ...error.extensions, retryAfter } } : error;
  }

  return async (
    operation: SubgraphOperation,
    { caller, requestId, abortSignal, operationLog }: SubgraphCallContext,
  ): Promise<SubgraphResult> => {
    if (caller === null) throw new Error('No subgraph is called before the caller is known');
    const begun = performance.now();
    let outcome: CallOutcome = 'failed';
    try {
      const sent = { ...operation, clientOperation: operationLog.operation };
      const send = () => admitted(caller, abortSignal, () => client.execute(sent, caller, abortSignal));
      const { data, errors } = await breaker.call(send, abortSignal);
      outcome = errors ? 'errors' : 'ok';
      return {
        ...(data !== undefined && { data }),
        ...(errors && { errors: errors.map(withoutHttp).map(withRetryAfter) }),
      };
    } catch (error) {
      if (abortSignal.aborted) {
        outcome = 'abandoned';
        return failed('SERVICE_UNAVAILABLE', serviceUnavailable().message);
      }
      if (error instanceof CircuitOpen) {
        outcome = 'circuit_open';
        return unavailable(RETRY_AFTER_OPEN);
      }
      if (error instanceof Overloaded) {
        outcome = 'overloaded';
        log.warn({ requestId, subgraph, reason: error.message }, 'subgraph overloaded');
        return unavailable(error.retryAfter);
      }
      if (error instanceof SubgraphUnavailable) {
        outcome = error.timedOut ? 'timed_out' : 'unavailable';
        log.warn({ requestId, subgraph, reason: error.reason }, 'subgraph unavailable');
        return unavailable(admission.retryAfter());
      }
      if (error instanceof SubgraphRefusedCaller) {
        log.error({ requestId, subgraph, reason: error.reason }, 'subgraph refused the signed caller');
        return failed('INTERNAL_SERVER_ERROR', 'Internal server error');
      }
      throw error;
    } finally {
      const milliseconds = performance.now() - begun;
      metrics.observe(subgraph, outcome, milliseconds / 1_000);
      operationLog.calls ??= [];
      operationLog.calls.push(`${subgraph} ${milliseconds.toFixed(1)}`);
    }
  };
}

/** A result: executePlan.ts adds the path of the fetch, which tells the client what is missing. */
function failed(code: ErrorCode, message: string, more: Record<string, unknown> = {}): SubgraphResult {
  return { data: null, errors: [{ message, path: [], extensions: { code, ...more } }] };
}

/** @param retryAfter in seconds. */
const unavailable = (retryAfter: number) => failed('SERVICE_UNAVAILABLE', serviceUnavailable().message, { retryAfter });

/** Removes `extensions.http`: otherwise Apollo Server would use a subgraph's status and headers for its own response. */
function withoutHttp({ extensions: { http: _, ...extensions } = {}, ...error }: SubgraphError): SubgraphError {
  return { ...error, extensions };
}
