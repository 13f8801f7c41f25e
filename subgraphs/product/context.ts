import type { Caller } from '../shared/caller';
import { StoreContext } from '../shared/stores/storeContext';
import type { Db } from './database';
import type { Media } from './files/media';

/** The context of resolvers. It imports no feature, to avoid circular imports: features keep their loaders in it by {@link Context.once}. */
export class Context extends StoreContext {
  constructor(
    caller: Caller,
    readonly db: Db,
    readonly media: Media,
  ) {
    super(caller);
  }
}
