import type { Caller } from './caller';
import { tenantRequired } from './errors';

/**
 * What every resolver of a request is given. A class, because Apollo Server copies a context's own properties before it
 * executes: what is computed on demand must be on the prototype.
 */
export class CallerContext {
  constructor(readonly caller: Caller) {}

  /** The caller's store. @throws GraphQLError TENANT_REQUIRED when the caller has none. */
  get tenantId(): string {
    if (!this.caller.tenantId) throw tenantRequired();
    return this.caller.tenantId;
  }
}

/** As much of a subgraph's context as its loaders need. */
export type DatabaseContext<Db> = CallerContext & { readonly db: Db };
