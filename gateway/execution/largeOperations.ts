import type { OperationTypeNode } from 'graphql';
import { AdmissionControl } from '../../subgraphs/shared/admission';
import { throttled } from '../requestErrors';
import type { GatewayContext } from './context';

/**
 * In the fixed part of the cost, which is planning and database statements. A page of a storefront has some 450; above this an operation
 * fans out to a dozen requests to subgraphs, or to as many statements.
 */
const LARGE = 700;

const QUEUE = { queued: 100, maxWaitMs: 5_000, initialSlotMs: 50 };
/** A mutation may wait for a payment provider, and keeps nothing busy meanwhile. */
const IN_FLIGHT = { query: 1, mutation: 4 };

type Asking = Pick<GatewayContext, 'address' | 'caller' | 'cost' | 'abortSignal'>;

/**
 * A bulkhead: of the large queries of visitors and customers one is executed at a time, in turn by address. Each keeps all services busy
 * by itself, so that together they would take no less time, and everybody's small ones would wait for all of them.
 *
 * Its function resolves when it is the operation's turn, at once for one that is not large, with what ends the turn.
 * It throws GraphQLError THROTTLED when too many wait, SERVICE_UNAVAILABLE when the client has disconnected.
 */
export function createLargeOperationQueue(): (kind: OperationTypeNode, context: Asking) => Promise<() => void> {
  const queueOf = (inFlight: number) =>
    new AdmissionControl({
      ...QUEUE,
      inFlight,
      minInFlight: inFlight,
      rejection: (retryAfter) => throttled('large operations', retryAfter * 1_000),
    });
  const queries = queueOf(IN_FLIGHT.query);
  const mutations = queueOf(IN_FLIGHT.mutation);
  return async (kind, { address, caller, cost, abortSignal }) => {
    const isPublic = caller?.role === 'VISITOR' || caller?.role === 'CUSTOMER';
    if (!isPublic || (cost?.fixed ?? 0) <= LARGE) return () => {};
    const release = await (kind === 'query' ? queries : mutations).acquire(address, abortSignal);
    return () => release();
  };
}
