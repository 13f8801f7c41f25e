import { type FeatureRules, inStore } from '../../shared/guards';

export const taxedPriceRules: FeatureRules = {
  entities: { ProductVariant: inStore },
};
