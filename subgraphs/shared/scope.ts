import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Which rows a database statement may see. A tenant's, for all work on behalf of a caller; the store of an address, for its look-up; a
 * person's memberships in all stores; the token with a hash; or the rows of all stores that a background task needs. Each scope has its own row-level security
 * policies.
 */
export type Scope =
  | { tenantId: string }
  | { storeSlug: string }
  | { storeHost: string }
  | { memberUserId: string }
  | { appTokenHash: string }
  | {
      task:
        | 'saga_recovery'
        | 'refund_recovery'
        | 'idempotency_expiry'
        | 'store_erasure'
        | 'reconciliation'
        | 'slug_expiry'
        | 'billing_renewal'
        | 'reservation_expiry'
        | 'product_publication'
        | 'media_sweep'
        | 'product_bulk'
        | 'event_relay'
        | 'event_retry'
        | 'event_prune'
        | 'missed_events'
        | 'cart_expiry'
        | 'payment_expiry'
        | 'authorization_expiry'
        | 'webhook_delivery'
        | 'webhook_prune'
        | 'user_erasure'
        | 'search_language';
    };

/** A statement was about to be sent without a scope: always a bug, never a caller's mistake. */
export class ScopeMissing extends Error {
  constructor() {
    super('A database statement needs a scope: run it inside runInScope');
  }
}

const storage = new AsyncLocalStorage<Scope>();

/** Runs and awaits `work` in `scope`. A Prisma promise is lazy and runs where it is awaited, so it has to be awaited inside. */
export function runInScope<Result>(scope: Scope, work: () => PromiseLike<Result>): Promise<Result> {
  return storage.run(scope, async () => await work());
}

/** Calls `next` in `scope`: for server hooks, which continue by a callback. */
export function enterScope(scope: Scope, next: () => void): void {
  storage.run(scope, next);
}

/** @throws ScopeMissing outside of runInScope and enterScope. */
export function currentScope(): Scope {
  const scope = storage.getStore();
  if (!scope) throw new ScopeMissing();
  return scope;
}
