import { formatMoney } from '../../shared/money';
import type { Resolvers } from '../generated/resolvers';
import { findMetafield, listMetafields } from './metafield.service';
import { productOptionCreate, productOptionDelete, productOptionUpdate } from './option.service';
import { findProduct, findVariant, listVariants } from './product.service';
import { productCreate } from './productCreate.service';
import { productDelete } from './productDelete.service';
import { productSet } from './productSet.service';
import { productUpdate } from './productUpdate.service';
import { productVariantCreate, productVariantDelete } from './variant.service';
import { productVariantsBulkUpdate, productVariantUpdate } from './variantUpdate.service';

const moneyOf = (minorUnits: bigint | null, { currencyCode }: { currencyCode: string }) =>
  minorUnits === null ? null : formatMoney({ minorUnits, currencyCode });

export const productResolvers: Resolvers = {
  Query: {
    product: (_root, args, ctx) => findProduct(ctx, args),
    productVariant: (_root, args, ctx) => findVariant(ctx, args),
  },
  Mutation: {
    productCreate: (_root, { input }, ctx) => productCreate(ctx, input),
    productUpdate: (_root, { id, input }, ctx) => productUpdate(ctx, id, input),
    productSet: (_root, args, ctx) => productSet(ctx, args),
    productDelete: (_root, args, ctx) => productDelete(ctx, args),
    productVariantCreate: (_root, { productId, input }, ctx) => productVariantCreate(ctx, productId, input),
    productVariantUpdate: (_root, { id, input }, ctx) => productVariantUpdate(ctx, id, input),
    productVariantsBulkUpdate: (_root, args, ctx) => productVariantsBulkUpdate(ctx, args),
    productVariantDelete: (_root, { id }, ctx) => productVariantDelete(ctx, id),
    productOptionCreate: (_root, { productId, input }, ctx) => productOptionCreate(ctx, productId, input),
    productOptionUpdate: (_root, { productId, option, input }, ctx) =>
      productOptionUpdate(ctx, productId, option, input),
    productOptionDelete: (_root, args, ctx) => productOptionDelete(ctx, args),
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
  ProductVariant: {
    __resolveReference: ({ id }, ctx) => ctx.loaders.variantById.load(id),
    price: ({ priceAmount, currencyCode }) => formatMoney({ minorUnits: priceAmount, currencyCode }),
    compareAtPrice: (variant) => moneyOf(variant.compareAtPriceAmount, variant),
    unitCost: (variant) => moneyOf(variant.unitCostAmount, variant),
    image: ({ imageId }, _args, ctx) => (imageId ? ctx.loaders.imageById.load(imageId) : null),
    product: ({ productId }, _args, ctx) => ctx.loaders.productById.load(productId),
    metafields: ({ id }, { namespace }, ctx) => listMetafields(ctx.loaders.metafieldsByVariantId, id, namespace),
    metafield: ({ id }, name, ctx) => findMetafield(ctx.loaders.metafieldsByVariantId, id, name),
  },
};
