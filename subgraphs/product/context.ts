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

  /** What `make` returns for this request, made once: a cache of what its caller may see, so no other request may share it. */
  once<Made>(make: (ctx: Context) => Made): Made {
    if (!this.made.has(make)) this.made.set(make, make(this));
    return this.made.get(make) as Made;
  }

  /** After a change: what a request's next mutation answers with is read anew. */
  forgetLoaded(): void {
    this.made.clear();
  }
}
