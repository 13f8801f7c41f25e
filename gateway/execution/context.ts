import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../subgraphs/shared/caller';

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

/** What the request's log line says of its operation. An object of its own, for Apollo Server copies the context. */
export interface RequestLine {
  tenantId: string | null;
  userId: string | null;
  /** Who acted in the place of `userId`; left out where nobody did. */
  impersonatorId?: string;
  operation: string | null;
}

/** The caller's own `x-request-id` where it is harmless in logs and headers, otherwise a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(given) ? given : randomUUID();
}
