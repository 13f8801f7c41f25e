import { can, type FeatureRules } from '../../shared/guards';

export const mediaRules: FeatureRules = {
  Mutation: {
    stagedUploadsCreate: can('products:manage'),
    productImageAdd: can('products:manage'),
    productImageUpdate: can('products:manage'),
    productImageRemove: can('products:manage'),
    productImageReorder: can('products:manage'),
  },
};
