import { can, type FeatureRules } from '../../shared/guards';

export const sagaRules: FeatureRules = {
  Mutation: {
    orderSagaRetry: can('orders:manage'),
  },
};
