import type { Caller } from '../shared/caller';
import { CallerContext } from '../shared/callerContext';
import type { PlacementSaga } from './checkout/placementSaga';
import type { Db } from './database';
import { createOrderLoaders, type OrderLoaders } from './orders/order.loaders';

export class Context extends CallerContext {
  private made?: OrderLoaders;

  constructor(
    caller: Caller,
    readonly db: Db,
    readonly saga: PlacementSaga,
  ) {
    super(caller);
  }

  /** Of this request alone: a loader remembers what its caller may see. */
  get loaders(): OrderLoaders {
    this.made ??= createOrderLoaders(this);
    return this.made;
  }
}
