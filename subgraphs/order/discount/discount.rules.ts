import { can, type FeatureRules } from '../../shared/guards';

export const discountRules: FeatureRules = {
  Query: {
    discount: can('orders:read'),
    discounts: can('orders:read'),
  },
  Mutation: {
    discountCreate: can('orders:manage'),
    discountUpdate: can('orders:manage'),
    discountDelete: can('orders:manage'),
    discountCodesCreate: can('orders:manage'),
    discountCodesDelete: can('orders:manage'),
  },
  entities: { Discount: can('orders:read') },
};
