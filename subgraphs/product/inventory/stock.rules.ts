import { type FeatureRules, service } from '../../shared/guards';

export const stockRules: FeatureRules = {
  Mutation: {
    stockReserve: service,
    stockCommit: service,
    stockRelease: service,
    stockReturn: service,
  },
};
