import type { Caller } from '../shared/caller';
import { tenantRequired } from '../shared/errors';
import { createProductLoaders, type ProductLoaders } from './catalog/product.loaders';
import { type CategoryLoaders, createCategoryLoaders } from './category/category.loaders';
import type { Db } from './database';

export interface Context {
  caller: Caller;
  /** The caller's store. @throws GraphQLError TENANT_REQUIRED when the caller has none. */
  readonly tenantId: string;
  db: Db;
  /** Of this request alone: a loader remembers what its caller may see. */
  readonly loaders: ProductLoaders & CategoryLoaders;
}

export function createContext(caller: Caller, db: Db): Context {
  let loaders: Context['loaders'] | undefined;
  const context: Context = {
    caller,
    get tenantId() {
      if (!caller.tenantId) throw tenantRequired();
      return caller.tenantId;
    },
    db,
    get loaders() {
      loaders ??= { ...createProductLoaders(context), ...createCategoryLoaders(context) };
      return loaders;
    },
  };
  return context;
}
