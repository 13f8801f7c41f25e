import { type FeatureRules, inStore } from '../../shared/guards';

export const checkoutRules: FeatureRules = {
  Mutation: {
    orderCreate: inStore,
  },
  // It says STORE_SUSPENDED itself, and answers a repeat with the order that was placed before.
  whileSuspended: ['orderCreate'],
};
