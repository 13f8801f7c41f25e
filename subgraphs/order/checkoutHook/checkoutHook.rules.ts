import { can, type FeatureRules } from '../../shared/guards';

export const checkoutHookRules: FeatureRules = {
  Query: {
    checkoutHooks: can('store:manage'),
  },
  Mutation: {
    checkoutHookCreate: can('store:manage'),
    checkoutHookUpdate: can('store:manage'),
    checkoutHookDelete: can('store:manage'),
    checkoutHookRotateSecret: can('store:manage'),
  },
  entities: { CheckoutHook: can('store:manage') },
  // Refused during impersonation, because a hook is sent what is in carts, and decides what buyers pay, for as long as it exists.
  notWhileImpersonated: ['checkoutHookCreate', 'checkoutHookUpdate', 'checkoutHookRotateSecret'],
};
