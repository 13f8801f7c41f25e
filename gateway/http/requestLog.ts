import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The operation's part of the request's log line. An object of its own, because Apollo Server copies the context's properties. */
export interface OperationLog {
  /** The client's. */
  address: string;
  /** SHA-256 of the document, as in a persisted query. */
  hash?: string;
  tenantId: string | null;
  userId: string | null;
  /** Who impersonates `userId`; left out where nobody does. */
  impersonatorId?: string;
  operation: string | null;
  /** The caller's. */
  role?: string;
  /** The operation's query cost. */
  cost?: number;
  /** Each call of a subgraph, with its duration in milliseconds: `product 3.2`. */
  calls?: string[];
  /** The codes of the answer's errors, each once. */
  errors?: string[];
}

/** The client's `x-request-id` when it is safe in logs and headers, otherwise a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(given) ? given : randomUUID();
}
