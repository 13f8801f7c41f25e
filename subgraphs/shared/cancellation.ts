import { AsyncLocalStorage } from 'node:async_hooks';

interface Request {
  gone: () => AbortSignal;
  signal?: AbortSignal;
  /** Whether it only reads, so that nothing is lost when it ends half-way. */
  reads: boolean;
}

const storage = new AsyncLocalStorage<Request>();

/** A read was ended, or not begun, because nobody waits for it any more. */
export class ReadCanceled extends Error {
  override readonly name = 'ReadCanceled';

  constructor() {
    super('Nobody waits for this read any more');
  }
}

/** Goes on with `next` for a caller who may go before the answer comes. @param gone asked for once a statement is sent. */
export const withCancellation = <Result>(gone: () => AbortSignal, next: () => Result): Result =>
  storage.run({ gone, reads: false }, next);

/** The request that is under way is a query: what it reads need not be read to its end once its caller is gone. */
export function markReadOnly(): void {
  const request = storage.getStore();
  if (request) request.reads = true;
}

const READS = /^\s*(?:SELECT|WITH)\b/i;
const CHANGES_OR_LOCKS = /\b(?:INSERT|UPDATE|DELETE|MERGE|FOR\s+(?:NO\s+KEY|SHARE|KEY))\b/i;

/** What is aborted when a statement is no longer worth its while; null for one that is carried out whoever waits. */
export function cancellationFor(sql: string): AbortSignal | null {
  const request = storage.getStore();
  if (!request?.reads || !READS.test(sql) || CHANGES_OR_LOCKS.test(sql)) return null;
  request.signal ??= request.gone();
  return request.signal;
}
