import type { Caller } from '../shared/caller';
import { tenantRequired } from '../shared/errors';
import type { Db } from './database';

export interface Context {
  caller: Caller;
  /** The caller's store. @throws GraphQLError TENANT_REQUIRED when the caller has none. */
  readonly tenantId: string;
  db: Db;
  baseDomain: string;
}

export function createContext(caller: Caller, db: Db, baseDomain: string): Context {
  return {
    caller,
    get tenantId() {
      if (!caller.tenantId) throw tenantRequired();
      return caller.tenantId;
    },
    db,
    baseDomain,
  };
}
