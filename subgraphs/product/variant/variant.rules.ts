import { can, type FeatureRules, inStore } from '../../shared/guards';

export const variantRules: FeatureRules = {
  Query: { productVariant: inStore },
  Mutation: {
    productVariantCreate: can('products:manage'),
    productVariantUpdate: can('products:manage'),
    productVariantsBulkUpdate: can('products:manage'),
    productVariantDelete: can('products:manage'),
  },
  entities: { ProductVariant: inStore },
  fields: { ProductVariant: { unitCost: can('products:read') } },
};
