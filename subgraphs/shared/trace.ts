import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes } from 'node:crypto';

const storage = new AsyncLocalStorage<string>();

/** Runs `work`, and what it goes on with, as a part of the request or of the event that caused it. */
export function withTrace<Result>(traceParent: string, work: () => Result): Result {
  return storage.run(traceParent, work);
}

/** What the current work is caused by, as W3C's traceparent; null when nobody said. https://www.w3.org/TR/trace-context/ */
export const currentTrace = (): string | null => storage.getStore() ?? null;

/** The trace of a request, or of a webhook’s delivery: its id, where that is a UUID, and otherwise what follows from it; a span of its own. */
export function traceOfRequest(requestId: string): string {
  const digits = requestId.replaceAll('-', '').toLowerCase();
  const traceId = /^(?!0+$)[0-9a-f]{32}$/.test(digits)
    ? digits
    : createHash('sha256').update(requestId).digest('hex').slice(0, 32);
  return `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
}
