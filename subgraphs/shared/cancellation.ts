import { AsyncLocalStorage } from 'node:async_hooks';

interface Request {
  /** Creates the signal. It costs a listener, so it is called only when a request sends a statement. */
  abortSignal: () => AbortSignal;
  signal?: AbortSignal;
  isReadOnly: boolean;
}

const storage = new AsyncLocalStorage<Request>();

/** A read was canceled, or not sent, because its caller no longer waits for the answer. */
export class ReadCanceled extends Error {
  override readonly name = 'ReadCanceled';

  constructor() {
    super('The caller does not wait for this read any more');
  }
}

/** Runs `next` for a caller who may stop waiting before the answer. @param abortSignal is called when a query sends its first statement. */
export const withCancellation = <Result>(abortSignal: () => AbortSignal, next: () => Result): Result =>
  storage.run({ abortSignal, isReadOnly: false }, next);

/**
 * Marks the request as a GraphQL query, which changes nothing. tenantPool.ts then has PostgreSQL enforce that, and cancels its
 * statements when the caller disconnects.
 */
export function markReadOnly(): void {
  const request = storage.getStore();
  if (request) request.isReadOnly = true;
}

/** Runs a write that a GraphQL query makes, such as of what its caller was shown: like a mutation, it is carried out to its end. */
export function writeWithinRead<Result>(work: () => Promise<Result>): Promise<Result> {
  const request = storage.getStore();
  return request ? storage.run({ ...request, isReadOnly: false }, work) : work();
}

/**
 * The signal that is aborted when the caller of a read-only request no longer waits. Null for all other work: a mutation is always
 * carried out to its end.
 */
export function readOnlySignal(): AbortSignal | null {
  const request = storage.getStore();
  if (!request?.isReadOnly) return null;
  request.signal ??= request.abortSignal();
  return request.signal;
}
