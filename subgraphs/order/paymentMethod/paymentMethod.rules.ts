import { can, type FeatureRules } from '../../shared/guards';

export const paymentMethodRules: FeatureRules = {
  Query: {
    paymentMethods: can('orders:read'),
  },
  Mutation: {
    paymentMethodCreate: can('store:manage'),
    paymentMethodUpdate: can('store:manage'),
    paymentMethodDelete: can('store:manage'),
    paymentMethodReorder: can('store:manage'),
  },
  entities: { PaymentMethod: can('orders:read') },
  // Their texts say to which account buyers send their money.
  notWhileImpersonated: ['paymentMethodCreate', 'paymentMethodUpdate', 'paymentMethodDelete', 'paymentMethodReorder'],
};
