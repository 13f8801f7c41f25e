import { can, type FeatureRules } from '../../shared/guards';

export const productsRules: FeatureRules = {
  Mutation: {
    productCreate: can('products:manage'),
    productUpdate: can('products:manage'),
    productSet: can('products:manage'),
    productDelete: can('products:manage'),
  },
};
