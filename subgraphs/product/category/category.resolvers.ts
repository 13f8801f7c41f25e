import type { Resolvers } from '../generated/resolvers';
import {
  ancestorsByCategoryId,
  categoriesByProductId,
  categoryById,
  childrenByCategoryId,
  lineageByProductId,
} from './category.loaders';
import { findCategory, listCategories } from './category.service';
import { categoryCreate } from './categoryCreate.service';
import { categoryDelete } from './categoryDelete.service';
import { categoryMove } from './categoryMove.service';
import { categoryProductsAdd, categoryProductsRemove } from './categoryProducts.service';
import { categoryUpdate } from './categoryUpdate.service';

export const categoryResolvers: Resolvers = {
  Query: {
    category: (_root, args, ctx) => findCategory(ctx, args),
    categories: (_root, _args, ctx) => listCategories(ctx),
  },
  Mutation: {
    categoryCreate: (_root, { input }, ctx) => categoryCreate(ctx, input),
    categoryUpdate: (_root, { id, input }, ctx) => categoryUpdate(ctx, id, input),
    categoryMove: (_root, { id, input }, ctx) => categoryMove(ctx, id, input),
    categoryDelete: (_root, args, ctx) => categoryDelete(ctx, args),
    categoryProductsAdd: (_root, { id, productIds }, ctx) => categoryProductsAdd(ctx, id, productIds),
    categoryProductsRemove: (_root, { id, productIds }, ctx) => categoryProductsRemove(ctx, id, productIds),
  },
  Product: {
    categories: ({ id }, _args, ctx) => categoriesByProductId(ctx).load(id),
    categoryLineageIds: ({ id }, _args, ctx) => lineageByProductId(ctx).load(id),
  },
  Category: {
    __resolveReference: ({ id }, ctx) => categoryById(ctx).load(id),
    parent: ({ parentId }, _args, ctx) => (parentId ? categoryById(ctx).load(parentId) : null),
    children: ({ id }, _args, ctx) => childrenByCategoryId(ctx).load(id),
    ancestors: ({ id }, _args, ctx) => ancestorsByCategoryId(ctx).load(id),
    path: async ({ id, slug }, _args, ctx) => {
      const ancestors = await ancestorsByCategoryId(ctx).load(id);
      return [...ancestors.map((ancestor) => ancestor.slug), slug].join('/');
    },
    seo: ({ seoTitle, seoDescription }) => ({ title: seoTitle, description: seoDescription }),
  },
};
