import { type AccessRules, can, inStore, signedIn } from '../shared/guards';

export const rules: AccessRules = {
  Query: {
    order: inStore,
    orders: can('orders:read'),
    myOrders: signedIn,
  },
  Mutation: {
    orderCreate: inStore,
    orderFulfill: can('orders:manage'),
    orderFulfillmentTrackingUpdate: can('orders:manage'),
    orderFulfillmentCancel: can('orders:manage'),
    orderNoteAdd: can('orders:manage'),
    orderUpdate: can('orders:manage'),
    orderCancel: can('orders:manage'),
  },
  entities: { Tenant: inStore, Order: inStore },
};
