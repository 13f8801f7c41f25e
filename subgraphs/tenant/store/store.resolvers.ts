import type { Resolvers } from '../generated/resolvers';
import { findReferencedTenant, findTenantByDomain, getCurrentTenant } from './store.service';
import { tenantUpdate } from './tenantUpdate.service';

export const storeResolvers: Resolvers = {
  Query: {
    currentTenant: (_root, _args, ctx) => getCurrentTenant(ctx),
    tenantByDomain: (_root, { domain }, ctx) => findTenantByDomain(ctx, domain),
  },
  Mutation: {
    tenantUpdate: (_root, { input }, ctx) => tenantUpdate(ctx, input),
  },
  Tenant: {
    __resolveReference: ({ id }, ctx) => findReferencedTenant(ctx, id),
    id: (tenant) => tenant.tenantId,
  },
};
