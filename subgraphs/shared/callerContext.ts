import type { Caller } from './caller';
import { tenantRequired } from './errors';

/** Who did something, for the rows that say so. */
export interface Actor {
  /** Clerk user id; null when the system acts. */
  actorId: string | null;
  /** Who acted in the actor's place, by Clerk's user impersonation; null as a rule. */
  impersonatorId: string | null;
}

/**
 * What every resolver of a request is given. A class, because Apollo Server copies a context's own properties before it
 * executes: what is computed on demand must be on the prototype.
 */
export class CallerContext {
  constructor(readonly caller: Caller) {}

  /** Who is written down for what the caller does. */
  get actor(): Actor {
    return { actorId: this.caller.userId, impersonatorId: this.caller.impersonatorId };
  }

  /** The caller's store. @throws GraphQLError TENANT_REQUIRED when the caller has none. */
  get tenantId(): string {
    if (!this.caller.tenantId) throw tenantRequired();
    return this.caller.tenantId;
  }
}

/** As much of a subgraph's context as its loaders need. */
export type DatabaseContext<Db> = CallerContext & { readonly db: Db };
