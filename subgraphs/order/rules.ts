import { type AccessRules, inStore, signedIn, staff } from '../shared/guards';

export const rules: AccessRules = {
  Query: {
    order: inStore,
    orders: staff,
    myOrders: signedIn,
  },
  Mutation: {
    orderCreate: inStore,
    orderFulfill: staff,
    orderCancel: staff,
  },
  entities: { Tenant: inStore, Order: inStore },
};
