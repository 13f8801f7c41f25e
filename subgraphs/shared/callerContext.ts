import type { Caller } from './caller';
import { tenantRequired } from './errors';

/** Who made a change, for rows that record it. */
export interface Actor {
  /** Clerk user id; null when the system acts. */
  actorId: string | null;
  /** The person who acted as `actorId` by Clerk's user impersonation; null without impersonation. */
  impersonatorId: string | null;
}

/**
 * The context of every resolver. It is a class because Apollo Server copies the context's own properties before the execution: getters
 * have to be on the prototype.
 */
export class CallerContext {
  constructor(readonly caller: Caller) {}

  /** The actor that is recorded for the caller's changes. */
  get actor(): Actor {
    return { actorId: this.caller.userId, impersonatorId: this.caller.impersonatorId };
  }

  /** The caller's store. @throws GraphQLError TENANT_REQUIRED when the caller has none. */
  get tenantId(): string {
    if (!this.caller.tenantId) throw tenantRequired();
    return this.caller.tenantId;
  }
}
