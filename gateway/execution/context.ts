import type { Caller } from '../../subgraphs/shared/caller';
import type { OperationLog } from '../http/requestLog';
import type { OperationCost } from '../limits/operationCost';

/** The context of one GraphQL request in Apollo Server and Apollo Gateway. */
export interface GatewayContext {
  requestId: string;
  /** The client's headers, each with all its values. None of them is forwarded to a subgraph. */
  headers: NodeJS.Dict<string[]>;
  /** The client's address, for the rate limit before the caller is known: see clientAddress.ts. */
  address: string;
  /** Null until the caller is verified; a subgraph is never called without it. */
  caller: Caller | null;
  operationLog: OperationLog;
  /** Null until it is known what the operation costs. */
  cost: OperationCost | null;
  /** Aborted when the client has closed its connection: no further subgraph call is sent then. */
  abortSignal: AbortSignal;
}
