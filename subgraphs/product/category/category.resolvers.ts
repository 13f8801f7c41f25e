import type { Resolvers } from '../generated/resolvers';
import { categoryCreate, findCategory, listCategories } from './category.service';

export const categoryResolvers: Resolvers = {
  Query: {
    category: (_root, args, ctx) => findCategory(ctx, args),
    categories: (_root, _args, ctx) => listCategories(ctx),
  },
  Mutation: {
    categoryCreate: (_root, { input }, ctx) => categoryCreate(ctx, input),
  },
  Category: {
    __resolveReference: ({ id }, ctx) => ctx.loaders.categoryById.load(id),
    parent: ({ parentId }, _args, ctx) => (parentId ? ctx.loaders.categoryById.load(parentId) : null),
  },
};
