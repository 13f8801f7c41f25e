import { type FeatureRules, inStore } from '../../shared/guards';

export const listingRules: FeatureRules = {
  Query: { products: inStore, productVariants: inStore },
};
