import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

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
