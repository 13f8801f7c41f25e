import { can, type FeatureRules } from '../../shared/guards';

export const swatchRules: FeatureRules = {
  Query: { optionSwatches: can('products:manage') },
  Mutation: { optionSwatchesSet: can('products:manage') },
};
