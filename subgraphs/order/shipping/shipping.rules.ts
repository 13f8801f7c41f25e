import { can, type FeatureRules } from '../../shared/guards';

export const shippingRules: FeatureRules = {
  Query: {
    shippingRates: can('orders:read'),
  },
  Mutation: {
    shippingRateCreate: can('store:manage'),
    shippingRateUpdate: can('store:manage'),
    shippingRateDelete: can('store:manage'),
  },
  entities: { ShippingRate: can('orders:read') },
};
