import { can, type FeatureRules } from '../../shared/guards';

export const merchantWebhookRules: FeatureRules = {
  Query: {
    webhookSubscription: can('store:manage'),
    webhookSubscriptions: can('store:manage'),
    eventDeliveries: can('store:manage'),
  },
  Mutation: {
    webhookSubscriptionCreate: can('store:manage'),
    webhookSubscriptionUpdate: can('store:manage'),
    webhookSubscriptionDelete: can('store:manage'),
    webhookSubscriptionRotateSecret: can('store:manage'),
    eventDeliveryRetry: can('store:manage'),
  },
  // Refused during impersonation, because a subscription sends the store's data out of this system for as long as it exists.
  notWhileImpersonated: [
    'webhookSubscriptionCreate',
    'webhookSubscriptionUpdate',
    'webhookSubscriptionRotateSecret',
    'eventDeliveryRetry',
  ],
};
