import { can, type FeatureRules, inStore, signedIn } from '../../shared/guards';

export const orderRules: FeatureRules = {
  Query: {
    order: inStore,
    guestOrder: inStore,
    orders: can('orders:read'),
    myOrders: signedIn,
  },
  Mutation: {
    orderNoteAdd: can('orders:manage'),
    orderUpdate: can('orders:manage'),
  },
  entities: { Tenant: inStore, Order: inStore },
};
