import { can, type FeatureRules } from '../../shared/guards';

export const customerRules: FeatureRules = {
  Query: {
    customer: can('orders:read'),
    customers: can('orders:read'),
  },
  Mutation: {
    customerErase: can('store:manage'),
    customerUpdate: can('orders:manage'),
  },
  entities: { Customer: can('orders:read') },
  notWhileImpersonated: ['customerErase'],
};
