import { can, type FeatureRules } from '../../shared/guards';

export const fulfillmentRules: FeatureRules = {
  Mutation: {
    orderFulfill: can('orders:manage'),
    orderFulfillmentTrackingUpdate: can('orders:manage'),
    orderFulfillmentCancel: can('orders:manage'),
  },
};
