import { can, type FeatureRules } from '../../shared/guards';

export const cancellationRules: FeatureRules = {
  Mutation: {
    orderCancel: can('orders:manage'),
  },
  notWhileImpersonated: ['orderCancel'],
};
