import type { Caller } from '../shared/caller';
import { StoreContext } from '../shared/stores/storeContext';
import type { Db } from './database';

/**
 * What every feature is given of a request: the caller and the database. It knows no feature: what one of them works with besides, such as
 * a payment provider, that feature declares itself ({@link ResolverContext} has all of it), and what is kept for the length of a
 * request is kept by {@link Context.once}.
 */
export class Context extends StoreContext {
  // Not a #private field: Apollo Server gives resolvers a copy, which would not have it.
  private readonly made = new Map<object, unknown>();

  constructor(
    caller: Caller,
    readonly db: Db,
    private readonly abortSignal: () => AbortSignal,
  ) {
    super(caller);
  }

  /** Aborted when nobody waits for this request's answer any more. */
  get clientAbortSignal(): AbortSignal {
    return this.abortSignal();
  }

  /** What `make` returns for this request, made once: a cache of what its caller may see, so no other request may share it. */
  once<Made>(make: (ctx: this) => Made): Made {
    if (!this.made.has(make)) this.made.set(make, make(this));
    return this.made.get(make) as Made;
  }
}
