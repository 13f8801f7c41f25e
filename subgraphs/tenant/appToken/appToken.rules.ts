import { anyService, can, type FeatureRules } from '../../shared/guards';

export const appTokenRules: FeatureRules = {
  Query: { appToken: can('store:manage'), appTokens: can('store:manage') },
  Mutation: {
    appTokenCreate: can('store:manage'),
    appTokenUpdate: can('store:manage'),
    appTokenRevoke: can('store:manage'),
    appTokenAuthenticate: anyService,
  },
  // A token outlives the impersonation.
  notWhileImpersonated: ['appTokenCreate', 'appTokenUpdate'],
  whileSuspended: ['appTokenRevoke', 'appTokenAuthenticate'],
};
