import type { Resolvers, StoreTheme } from '../generated/resolvers';
import { getSettings, tenantSettingsUpdate } from './settings.service';

export const settingsResolvers: Resolvers = {
  Mutation: {
    tenantSettingsUpdate: (_root, { input }, ctx) => tenantSettingsUpdate(ctx, input),
  },
  Tenant: {
    settings: (tenant, _args, ctx) => getSettings(ctx, tenant),
  },
  TenantSettings: {
    id: ({ tenantId }) => tenantId,
    theme: ({ theme }) => theme as StoreTheme,
  },
};
