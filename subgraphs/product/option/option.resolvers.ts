import type { Resolvers } from '../generated/resolvers';
import { optionsByProductId } from './option.loaders';
import { productOptionCreate, productOptionDelete, productOptionUpdate } from './option.service';

export const optionResolvers: Resolvers = {
  Mutation: {
    productOptionCreate: (_root, { productId, input }, ctx) => productOptionCreate(ctx, productId, input),
    productOptionUpdate: (_root, { productId, option, input }, ctx) =>
      productOptionUpdate(ctx, productId, option, input),
    productOptionDelete: (_root, args, ctx) => productOptionDelete(ctx, args),
  },
  Product: {
    options: ({ id }, _args, ctx) => optionsByProductId(ctx).load(id),
  },
};
