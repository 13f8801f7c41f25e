import type { Resolvers } from '../generated/resolvers';
import { listProducts } from './productList.service';
import { productsOfCategory } from './productsOfCategory.service';
import { listVariantsOfStore } from './variantList.service';

export const listingResolvers: Resolvers = {
  Query: {
    products: (_root, args, ctx) => listProducts(ctx, args),
    productVariants: (_root, args, ctx) => listVariantsOfStore(ctx, args),
  },
  Tenant: {
    products: (_tenant, args, ctx) => listProducts(ctx, { ...args, sortKey: 'CREATED_AT', reverse: false }),
  },
  Category: {
    products: (category, args, ctx) => productsOfCategory(ctx, category, args),
  },
};
