import { formatMoney } from '../../shared/money';
import type { Resolvers } from '../generated/resolvers';
import { findMetafield, listMetafields } from '../metafield/metafield.service';
import { productSet } from '../productSet/productSet.service';
import { listVariants } from '../variant/variant.service';
import { findProduct } from './product.service';
import { productCreate } from './productCreate.service';
import { productDelete } from './productDelete.service';
import { productUpdate } from './productUpdate.service';

export const productResolvers: Resolvers = {
  Query: {
    product: (_root, args, ctx) => findProduct(ctx, args),
  },
  Mutation: {
    productCreate: (_root, { input }, ctx) => productCreate(ctx, input),
    productUpdate: (_root, { id, input }, ctx) => productUpdate(ctx, id, input),
    productSet: (_root, args, ctx) => productSet(ctx, args),
    productDelete: (_root, args, ctx) => productDelete(ctx, args),
  },
  Tenant: {
    // A store's reference leads to the caller's own store or nowhere.
    __resolveReference: ({ id }, ctx) => (id === ctx.tenantId ? { id } : null),
  },
  Product: {
    __resolveReference: ({ id }, ctx) => ctx.loaders.productById.load(id),
    options: ({ id }, _args, ctx) => ctx.loaders.optionsByProductId.load(id),
    variants: ({ id }, args, ctx) => listVariants(ctx, id, args),
    priceRange: ({ minPriceAmount, maxPriceAmount, currencyCode }) => ({
      min: formatMoney({ minorUnits: minPriceAmount, currencyCode }),
      max: formatMoney({ minorUnits: maxPriceAmount, currencyCode }),
    }),
    availableForSale: ({ id }, _args, ctx) => ctx.loaders.availabilityByProductId.load(id),
    featuredImage: async ({ id }, _args, ctx) => (await ctx.loaders.imagesByProductId.load(id))[0] ?? null,
    seo: ({ seoTitle, seoDescription }) => ({ title: seoTitle, description: seoDescription }),
    metafields: ({ id }, { namespace }, ctx) => listMetafields(ctx.loaders.metafieldsByProductId, id, namespace),
    metafield: ({ id }, name, ctx) => findMetafield(ctx.loaders.metafieldsByProductId, id, name),
    images: ({ id }, _args, ctx) => ctx.loaders.imagesByProductId.load(id),
    categories: ({ id }, _args, ctx) => ctx.loaders.categoriesByProductId.load(id),
    tenant: ({ tenantId }) => ({ id: tenantId }),
  },
};
