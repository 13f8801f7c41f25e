import { anyone, type FeatureRules } from '../../shared/guards';

export const viewerRules: FeatureRules = {
  Query: { viewer: anyone },
};
