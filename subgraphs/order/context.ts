import type { Caller } from '../shared/caller';
import { StoreContext } from '../shared/stores/storeContext';
import type { Db } from './database';

/**
 * The context that every feature gets: the caller and the database. It imports no feature, so that no import is circular. A feature that
 * needs a service, such as a payment provider, declares it in its own context type; {@link ResolverContext} has all services.
 */
export class Context extends StoreContext {
  constructor(
    caller: Caller,
    readonly db: Db,
    private readonly abortSignal: () => AbortSignal,
  ) {
    super(caller);
  }

  /** Aborted when the client has disconnected or the gateway's deadline has passed. */
  get clientAbortSignal(): AbortSignal {
    return this.abortSignal();
  }
}
