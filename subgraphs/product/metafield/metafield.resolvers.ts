import type { Resolvers } from '../generated/resolvers';
import { findMetafield, listMetafields } from './metafield.service';

export const metafieldResolvers: Resolvers = {
  Product: {
    metafields: ({ id }, { namespace }, ctx) => listMetafields(ctx.loaders.metafieldsByProductId, id, namespace),
    metafield: ({ id }, name, ctx) => findMetafield(ctx.loaders.metafieldsByProductId, id, name),
  },
  ProductVariant: {
    metafields: ({ id }, { namespace }, ctx) => listMetafields(ctx.loaders.metafieldsByVariantId, id, namespace),
    metafield: ({ id }, name, ctx) => findMetafield(ctx.loaders.metafieldsByVariantId, id, name),
  },
  Category: {
    metafields: ({ id }, { namespace }, ctx) => listMetafields(ctx.loaders.metafieldsByCategoryId, id, namespace),
    metafield: ({ id }, name, ctx) => findMetafield(ctx.loaders.metafieldsByCategoryId, id, name),
  },
};
