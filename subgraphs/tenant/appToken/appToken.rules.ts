import { anyService, can, type FeatureRules, staffWho } from '../../shared/guards';

export const appTokenRules: FeatureRules = {
  Query: { appToken: can('store:manage'), appTokens: can('store:manage') },
  Mutation: {
    // A token that has leaked must not make another one, or lift its own limits.
    appTokenCreate: staffWho('store:manage'),
    appTokenUpdate: staffWho('store:manage'),
    appTokenRevoke: can('store:manage'),
    appTokenAuthenticate: anyService,
  },
  // A token outlives the impersonation.
  notWhileImpersonated: ['appTokenCreate', 'appTokenUpdate'],
  whileSuspended: ['appTokenRevoke', 'appTokenAuthenticate'],
};
