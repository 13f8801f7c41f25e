import { can, type FeatureRules, inStore } from '../../shared/guards';

export const categoryRules: FeatureRules = {
  Query: { category: inStore, categories: inStore },
  Mutation: {
    categoryCreate: can('products:manage'),
    categoryUpdate: can('products:manage'),
    categoryMove: can('products:manage'),
    categoryDelete: can('products:manage'),
    categoryProductsAdd: can('products:manage'),
    categoryProductsRemove: can('products:manage'),
  },
  entities: { Category: inStore },
};
