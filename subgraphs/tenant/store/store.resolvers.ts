import type { Resolvers } from '../generated/resolvers';
import { findReferencedTenant, findTenantByDomain, getCurrentTenant, getSettings } from './store.service';

export const storeResolvers: Resolvers = {
  Query: {
    currentTenant: (_root, _args, ctx) => getCurrentTenant(ctx),
    tenantByDomain: (_root, { domain }, ctx) => findTenantByDomain(ctx, domain),
  },
  Tenant: {
    __resolveReference: ({ id }, ctx) => findReferencedTenant(ctx, id),
    id: (tenant) => tenant.tenantId,
    settings: (tenant, _args, ctx) => getSettings(ctx, tenant),
  },
};
