import { CallerContext } from './callerContext';

/** A context with a cache for one request only, because another request's caller may not be allowed to see the same rows. */
export class RequestContext extends CallerContext {
  // Not a #private field, because Apollo Server gives resolvers a copy of the context, which would lack it.
  private readonly made = new Map<object, unknown>();

  /** Calls `make` once per request and returns its result. */
  once<Made>(make: (ctx: this) => Made): Made {
    if (!this.made.has(make)) this.made.set(make, make(this));
    return this.made.get(make) as Made;
  }

  /** Clears the cache. Call it after a change, so that the request's next mutation does not read stale rows. */
  forgetLoaded(): void {
    this.made.clear();
  }
}
