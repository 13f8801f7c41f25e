import { type FeatureRules, inStore } from '../../shared/guards';

export const salesRules: FeatureRules = {
  entities: { Product: inStore },
};
