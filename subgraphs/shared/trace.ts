import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes } from 'node:crypto';

const storage = new AsyncLocalStorage<string>();

/** Runs `work`, and everything that it starts, in the trace of the request or event that caused it. */
export function withTrace<Result>(traceParent: string, work: () => Result): Result {
  return storage.run(traceParent, work);
}

/** The W3C traceparent of the current work; null outside of a trace. https://www.w3.org/TR/trace-context/ */
export const currentTrace = (): string | null => storage.getStore() ?? null;

/** A new span in the trace of a request or of a webhook’s delivery. The trace id is the request id where that is a UUID, else a hash of it. */
export function traceOfRequest(requestId: string): string {
  const digits = requestId.replaceAll('-', '').toLowerCase();
  const traceId = /^(?!0+$)[0-9a-f]{32}$/.test(digits)
    ? digits
    : createHash('sha256').update(requestId).digest('hex').slice(0, 32);
  return `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
}
