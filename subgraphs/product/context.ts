import type { Caller } from '../shared/caller';
import { StoreContext } from '../shared/stores/storeContext';
import type { Db } from './database';
import type { Media } from './files/media';

/** The context of resolvers. It imports no feature: each feature keeps its loaders here by {@link Context.once}. */
export class Context extends StoreContext {
  constructor(
    caller: Caller,
    readonly db: Db,
    readonly media: Media,
  ) {
    super(caller);
  }
}
