import { can, type FeatureRules } from '../../shared/guards';

export const storeImageRules: FeatureRules = {
  Query: { storeImages: can('products:manage') },
  Mutation: { storeImageCreate: can('products:manage'), storeImageDelete: can('products:manage') },
};
