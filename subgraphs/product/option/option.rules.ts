import { can, type FeatureRules } from '../../shared/guards';

export const optionRules: FeatureRules = {
  Mutation: {
    productOptionCreate: can('products:manage'),
    productOptionUpdate: can('products:manage'),
    productOptionDelete: can('products:manage'),
  },
};
