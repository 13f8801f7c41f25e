import { can, type FeatureRules, signedIn } from '../../shared/guards';

export const storeCreditRules: FeatureRules = {
  Query: {
    myStoreCreditAccounts: signedIn,
  },
  Mutation: {
    storeCreditAdjust: can('orders:manage'),
    cartStoreCreditSelect: signedIn,
  },
  notWhileImpersonated: ['storeCreditAdjust'],
};
