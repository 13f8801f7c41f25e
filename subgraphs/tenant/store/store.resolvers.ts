import type { Resolvers, StoreTheme } from '../generated/resolvers';
import { tenantSettingsUpdate } from '../settings/settings.service';
import {
  findReferencedTenant,
  findTenantByDomain,
  getCurrentTenant,
  getSettings,
  orderPrefix,
  showsExactStock,
} from './store.service';
import { tenantUpdate } from './tenantUpdate.service';

export const storeResolvers: Resolvers = {
  Query: {
    currentTenant: (_root, _args, ctx) => getCurrentTenant(ctx),
    tenantByDomain: (_root, { domain }, ctx) => findTenantByDomain(ctx, domain),
  },
  Mutation: {
    tenantUpdate: (_root, { input }, ctx) => tenantUpdate(ctx, input),
    tenantSettingsUpdate: (_root, { input }, ctx) => tenantSettingsUpdate(ctx, input),
  },
  Tenant: {
    __resolveReference: ({ id }, ctx) => findReferencedTenant(ctx, id),
    id: (tenant) => tenant.tenantId,
    settings: (tenant, _args, ctx) => getSettings(ctx, tenant),
    showsExactStock: (tenant, _args, ctx) => showsExactStock(ctx, tenant),
    orderPrefix: (tenant, _args, ctx) => orderPrefix(ctx, tenant),
  },
  TenantSettings: {
    theme: ({ theme }) => theme as StoreTheme,
  },
};
