import type { Resolvers } from '../generated/resolvers';
import { impersonatedActionsRecord, listImpersonatedActions } from './impersonation.service';

export const impersonationResolvers: Resolvers = {
  Mutation: {
    impersonatedActionsRecord: (_root, { actions }, ctx) => impersonatedActionsRecord(ctx, actions),
  },
  Tenant: {
    impersonatedActions: (_tenant, args, ctx) => listImpersonatedActions(ctx, args),
  },
};
