import type { Caller } from '../shared/caller';
import { StoreContext } from '../shared/stores/storeContext';
import type { Db } from './database';
import type { Media } from './files/media';

/** What every resolver of a request is given. It knows no feature: each keeps its loaders here by {@link Context.once}. */
export class Context extends StoreContext {
  private readonly made = new Map<object, unknown>();

  constructor(
    caller: Caller,
    readonly db: Db,
    readonly media: Media,
  ) {
    super(caller);
  }

  /** What `make` returns, made once for each request: what a caller may see must never be cached for another one. */
  once<Made>(make: (ctx: Context) => Made): Made {
    if (!this.made.has(make)) this.made.set(make, make(this));
    return this.made.get(make) as Made;
  }

  /** To be called after a change, so that a request's next mutation does not answer with what was cached before. */
  forgetLoaded(): void {
    this.made.clear();
  }
}
