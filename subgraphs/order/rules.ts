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
    orderCancel: can('orders:manage'),
  },
  entities: { Tenant: inStore, Order: inStore },
};
