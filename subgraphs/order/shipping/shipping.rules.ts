import { can, type FeatureRules } from '../../shared/guards';

export const shippingRules: FeatureRules = {
  Query: {
    shippingRates: can('orders:read'),
    shippingZones: can('orders:read'),
  },
  Mutation: {
    shippingRateCreate: can('store:manage'),
    shippingRateUpdate: can('store:manage'),
    shippingRateDelete: can('store:manage'),
    shippingZoneCreate: can('store:manage'),
    shippingZoneUpdate: can('store:manage'),
    shippingZoneDelete: can('store:manage'),
  },
  entities: { ShippingRate: can('orders:read'), ShippingZone: can('orders:read') },
};
