import type { Resolvers } from '../generated/resolvers';
import { tenantDelete, tenantResume, tenantSuspend } from './lifecycle.service';

export const lifecycleResolvers: Resolvers = {
  Mutation: {
    tenantSuspend: (_root, { input }, ctx) => tenantSuspend(ctx, input),
    tenantResume: (_root, _args, ctx) => tenantResume(ctx),
    tenantDelete: (_root, { input }, ctx) => tenantDelete(ctx, input),
  },
  Tenant: {
    suspension: ({ suspendedBy: by, suspendedReason: reason }) => (by === null ? null : { by, reason }),
  },
};
