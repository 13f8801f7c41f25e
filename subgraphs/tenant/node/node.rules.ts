import { type FeatureRules, inStore } from '../../shared/guards';

export const nodeRules: FeatureRules = {
  Query: { node: inStore, nodes: inStore },
};
