import { can, type FeatureRules } from '../../shared/guards';

export const productSetRules: FeatureRules = {
  Mutation: { productSet: can('products:manage') },
};
