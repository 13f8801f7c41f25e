import { type AccessRules, can, inStore, signedIn } from '../shared/guards';

export const rules: AccessRules = {
  Query: {
    order: inStore,
    orders: can('orders:read'),
    myOrders: signedIn,
    shippingRates: can('orders:read'),
    taxSettings: can('orders:read'),
    discount: can('orders:read'),
    discounts: can('orders:read'),
  },
  Mutation: {
    orderCreate: inStore,
    orderFulfill: can('orders:manage'),
    orderFulfillmentTrackingUpdate: can('orders:manage'),
    orderFulfillmentCancel: can('orders:manage'),
    orderNoteAdd: can('orders:manage'),
    orderUpdate: can('orders:manage'),
    orderCancel: can('orders:manage'),
    shippingRateCreate: can('store:manage'),
    shippingRateUpdate: can('store:manage'),
    shippingRateDelete: can('store:manage'),
    taxSettingsUpdate: can('store:manage'),
    taxRateCreate: can('store:manage'),
    taxRateUpdate: can('store:manage'),
    taxRateDelete: can('store:manage'),
    discountCreate: can('orders:manage'),
    discountUpdate: can('orders:manage'),
    discountDelete: can('orders:manage'),
  },
  entities: { Tenant: inStore, Order: inStore },
};
