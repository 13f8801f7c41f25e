import type { Resolvers } from '../generated/resolvers';
import { listProducts } from './productList.service';

export const listingResolvers: Resolvers = {
  Query: {
    products: (_root, args, ctx) => listProducts(ctx, args),
  },
  Tenant: {
    products: (_tenant, args, ctx) => listProducts(ctx, { ...args, sortKey: 'CREATED_AT', reverse: false }),
  },
};
