import type { Caller } from '../shared/caller';
import { tenantRequired } from '../shared/errors';
import type { PlacementSaga } from './checkout/placementSaga';
import type { Db } from './database';
import { createOrderLoaders, type OrderLoaders } from './orders/order.loaders';

export interface Context {
  caller: Caller;
  /** The caller's store. @throws GraphQLError TENANT_REQUIRED when the caller has none. */
  readonly tenantId: string;
  db: Db;
  saga: PlacementSaga;
  /** Of this request alone: a loader remembers what its caller may see. */
  readonly loaders: OrderLoaders;
}

export function createContext(caller: Caller, db: Db, saga: PlacementSaga): Context {
  let loaders: OrderLoaders | undefined;
  const context: Context = {
    caller,
    get tenantId() {
      if (!caller.tenantId) throw tenantRequired();
      return caller.tenantId;
    },
    db,
    saga,
    get loaders() {
      loaders ??= createOrderLoaders(context);
      return loaders;
    },
  };
  return context;
}
