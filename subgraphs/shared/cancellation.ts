import { AsyncLocalStorage } from 'node:async_hooks';

interface Request {
  /** Makes the signal, which costs a listener: only for a request that sends a statement. */
  abortSignal: () => AbortSignal;
  signal?: AbortSignal;
  isReadOnly: boolean;
}

const storage = new AsyncLocalStorage<Request>();

/** A read was canceled, or not sent, because its caller does not wait for the answer any more. */
export class ReadCanceled extends Error {
  override readonly name = 'ReadCanceled';

  constructor() {
    super('The caller does not wait for this read any more');
  }
}

/** Runs `next` for a caller who may stop waiting before the answer is there. @param abortSignal is called when the first statement of a query is sent. */
export const withCancellation = <Result>(abortSignal: () => AbortSignal, next: () => Result): Result =>
  storage.run({ abortSignal, isReadOnly: false }, next);

/**
 * The request is a query of GraphQL's, and changes nothing: see tenantPool.ts, which has PostgreSQL enforce that, and cancels its
 * statements when the caller is gone.
 */
export function markReadOnly(): void {
  const request = storage.getStore();
  if (request) request.isReadOnly = true;
}

/**
 * Of a read-only request, what is aborted when its caller does not wait any more. Null for all other work: a mutation is carried out
 * to its end, whoever waits.
 */
export function readOnlySignal(): AbortSignal | null {
  const request = storage.getStore();
  if (!request?.isReadOnly) return null;
  request.signal ??= request.abortSignal();
  return request.signal;
}
