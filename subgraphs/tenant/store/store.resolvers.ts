import type { Resolvers } from '../generated/resolvers';
import { findReferencedTenant, getCurrentTenant } from './store.service';
import { tenantUpdate } from './tenantUpdate.service';

export const storeResolvers: Resolvers = {
  Query: {
    currentTenant: (_root, _args, ctx) => getCurrentTenant(ctx),
  },
  Mutation: {
    tenantUpdate: (_root, { input }, ctx) => tenantUpdate(ctx, input),
  },
  Tenant: {
    __resolveReference: ({ id }, ctx) => findReferencedTenant(ctx, id),
    id: (tenant) => tenant.tenantId,
  },
};
