import type { Resolvers } from '../generated/resolvers';
import { metafieldsByCategoryId, metafieldsByProductId, metafieldsByVariantId } from './metafield.loaders';
import { findMetafield, listMetafields } from './metafield.service';

export const metafieldResolvers: Resolvers = {
  Product: {
    metafields: ({ id }, { namespace }, ctx) => listMetafields(metafieldsByProductId(ctx), id, namespace),
    metafield: ({ id }, name, ctx) => findMetafield(metafieldsByProductId(ctx), id, name),
  },
  ProductVariant: {
    metafields: ({ id }, { namespace }, ctx) => listMetafields(metafieldsByVariantId(ctx), id, namespace),
    metafield: ({ id }, name, ctx) => findMetafield(metafieldsByVariantId(ctx), id, name),
  },
  Category: {
    metafields: ({ id }, { namespace }, ctx) => listMetafields(metafieldsByCategoryId(ctx), id, namespace),
    metafield: ({ id }, name, ctx) => findMetafield(metafieldsByCategoryId(ctx), id, name),
  },
};
