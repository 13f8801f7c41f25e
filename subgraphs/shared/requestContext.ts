import { CallerContext } from './callerContext';

/** A context with a cache for the length of one request: what its caller may see must never be cached for another request. */
export class RequestContext extends CallerContext {
  // Not a #private field: Apollo Server gives resolvers a copy of the context, which would not have it.
  private readonly made = new Map<object, unknown>();

  /** What `make` returns, made once per request. */
  once<Made>(make: (ctx: this) => Made): Made {
    if (!this.made.has(make)) this.made.set(make, make(this));
    return this.made.get(make) as Made;
  }

  /** Invalidates the cache: to be called after a change, so that the request's next mutation does not read stale rows. */
  forgetLoaded(): void {
    this.made.clear();
  }
}
