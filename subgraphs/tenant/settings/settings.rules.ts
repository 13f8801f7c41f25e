import { can, type FeatureRules } from '../../shared/guards';

export const settingsRules: FeatureRules = {
  Mutation: { tenantSettingsUpdate: can('store:manage') },
};
