import type { Resolvers } from '../generated/resolvers';
import { productCreate } from './productCreate.service';
import { productDelete } from './productDelete.service';
import { productSet } from './productSet.service';
import { productUpdate } from './productUpdate.service';

export const productsResolvers: Resolvers = {
  Mutation: {
    productCreate: (_root, { input }, ctx) => productCreate(ctx, input),
    productUpdate: (_root, { id, input }, ctx) => productUpdate(ctx, id, input),
    productSet: (_root, args, ctx) => productSet(ctx, args),
    productDelete: (_root, args, ctx) => productDelete(ctx, args),
  },
};
