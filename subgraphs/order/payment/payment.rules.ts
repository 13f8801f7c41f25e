import { can, type FeatureRules } from '../../shared/guards';

export const paymentRules: FeatureRules = {
  Query: {
    paymentSettings: can('orders:read'),
  },
  Mutation: {
    orderRefund: can('orders:manage'),
    orderPaymentCapture: can('orders:manage'),
    orderMarkAsPaid: can('orders:manage'),
    paymentSettingsUpdate: can('store:manage'),
  },
  notWhileImpersonated: ['orderRefund', 'orderPaymentCapture', 'orderMarkAsPaid', 'paymentSettingsUpdate'],
};
