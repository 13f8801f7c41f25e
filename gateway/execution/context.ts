import type { Caller } from '../../subgraphs/shared/caller';
import type { RequestLine } from '../http/requestLog';

/** What one GraphQL request carries through Apollo Server and the gateway. */
export interface GatewayContext {
  requestId: string;
  /** The request's own headers, each with all its values. Nothing of them is sent on. */
  headers: NodeJS.Dict<string[]>;
  /** Whom the request's cost is counted for before the caller is known. See clientAddress.ts. */
  address: string;
  /** Null until the operation is known to need one; a subgraph is never called without it. */
  caller: Caller | null;
  line: RequestLine;
  /** Aborted when the client has closed its connection: what has not been asked for then is not asked for any more. */
  gone: AbortSignal;
}
