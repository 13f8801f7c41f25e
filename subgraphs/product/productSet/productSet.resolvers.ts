import type { Resolvers } from '../generated/resolvers';
import { productSet } from './productSet.service';

export const productSetResolvers: Resolvers = {
  Mutation: {
    productSet: (_root, args, ctx) => productSet(ctx, args),
  },
};
