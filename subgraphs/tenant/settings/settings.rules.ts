import { anyService, can, type FeatureRules } from '../../shared/guards';

export const settingsRules: FeatureRules = {
  Mutation: { tenantSettingsUpdate: can('store:manage') },
  fields: { Tenant: { showsExactStock: anyService, orderPrefix: anyService } },
};
