import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Whose rows a database statement may touch. A tenant, for all work on behalf of a caller; the address that is being
 * looked up, while its store is not yet known; the person whose memberships are looked for in all stores; or one of the system's own tasks that look for work in all stores.
 * Each is a row-level security policy of its own.
 */
export type Scope =
  | { tenantId: string }
  | { storeSlug: string }
  | { storeHost: string }
  | { memberUserId: string }
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
        | 'webhook_delivery'
        | 'webhook_prune'
        | 'user_erasure'
        | 'search_language';
    };

/** A statement was about to be sent for nobody. Always a fault in the program, never a caller's. */
export class ScopeMissing extends Error {
  constructor() {
    super('A database statement needs a scope: run it inside runInScope');
  }
}

const storage = new AsyncLocalStorage<Scope>();

/** Runs and awaits `work` in `scope`: a Prisma promise is lazy and runs where it is awaited, so it must be awaited here. */
export function runInScope<Result>(scope: Scope, work: () => PromiseLike<Result>): Promise<Result> {
  return storage.run(scope, async () => await work());
}

/** Goes on with `next` in `scope`: for a server's hooks, which hand on by a callback. */
export function enterScope(scope: Scope, next: () => void): void {
  storage.run(scope, next);
}

/** @throws ScopeMissing outside of runInScope and enterScope. */
export function currentScope(): Scope {
  const scope = storage.getStore();
  if (!scope) throw new ScopeMissing();
  return scope;
}
