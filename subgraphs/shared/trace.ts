import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes } from 'node:crypto';

/** What one request made this process do, for its log line. */
export interface WorkRecord {
  /** Round trips to PostgreSQL, the beginning and the end of a transaction included, and their milliseconds altogether. */
  statements: number;
  sqlMs: number;
  /** Of a GraphQL request: the operation's name, and the codes of the answer's errors, each once. */
  operation?: string;
  errors?: string[];
}

interface Work {
  /** W3C traceparent; null before it is known. */
  traceParent: string | null;
  record: WorkRecord;
}

const storage = new AsyncLocalStorage<Work>();

const newRecord = (): WorkRecord => ({ statements: 0, sqlMs: 0 });

/** Runs `work`, and everything that it starts, in the trace of the request or event that caused it. */
export function withTrace<Result>(traceParent: string, work: () => Result): Result {
  return storage.run({ traceParent, record: storage.getStore()?.record ?? newRecord() }, work);
}

/** Runs `next`, and records what it does. @returns the record, which grows. */
export function recordWork(next: () => void): WorkRecord {
  const record = newRecord();
  storage.run({ traceParent: null, record }, next);
  return record;
}

/** Of the current work; null outside of a request and of an event. */
export const currentRecord = (): WorkRecord | null => storage.getStore()?.record ?? null;

/** The W3C traceparent of the current work; null outside of a trace. https://www.w3.org/TR/trace-context/ */
export const currentTrace = (): string | null => storage.getStore()?.traceParent ?? null;

/** A new span in the trace of a request or of a webhook’s delivery. The trace id is the request id where that is a UUID, else a hash of it. */
export function traceOfRequest(requestId: string): string {
  const digits = requestId.replaceAll('-', '').toLowerCase();
  const traceId = /^(?!0+$)[0-9a-f]{32}$/.test(digits)
    ? digits
    : createHash('sha256').update(requestId).digest('hex').slice(0, 32);
  return `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
}
