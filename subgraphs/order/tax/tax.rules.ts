import { can, type FeatureRules } from '../../shared/guards';

export const taxRules: FeatureRules = {
  Query: {
    taxSettings: can('orders:read'),
  },
  Mutation: {
    taxSettingsUpdate: can('store:manage'),
    taxRateCreate: can('store:manage'),
    taxRateUpdate: can('store:manage'),
    taxRateDelete: can('store:manage'),
  },
  entities: { TaxRate: can('orders:read') },
};
