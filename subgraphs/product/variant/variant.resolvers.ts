import { formatMoney } from '../../shared/money';
import { productById } from '../catalog/product.loaders';
import type { Resolvers } from '../generated/resolvers';
import { compareAtPriceRange } from './compareAtPriceRange';
import { hasExactly } from './selectedOptions';
import { variantById, variantsByProductId } from './variant.loaders';
import { findVariant, listVariants, productVariantCreate, productVariantDelete } from './variant.service';
import { productVariantsBulkUpdate, productVariantUpdate } from './variantUpdate.service';

const moneyOf = (minorUnits: bigint | null, { currencyCode }: { currencyCode: string }) =>
  minorUnits === null ? null : formatMoney({ minorUnits, currencyCode });

export const variantResolvers: Resolvers = {
  Query: { productVariant: (_root, args, ctx) => findVariant(ctx, args) },
  Mutation: {
    productVariantCreate: (_root, { productId, input }, ctx) => productVariantCreate(ctx, productId, input),
    productVariantUpdate: (_root, { id, input }, ctx) => productVariantUpdate(ctx, id, input),
    productVariantsBulkUpdate: (_root, args, ctx) => productVariantsBulkUpdate(ctx, args),
    productVariantDelete: (_root, { id }, ctx) => productVariantDelete(ctx, id),
  },
  Product: {
    variants: ({ id }, args, ctx) => listVariants(ctx, id, args),
    variantBySelectedOptions: async ({ id }, { selectedOptions }, ctx) =>
      (await variantsByProductId(ctx).load(id)).find((variant) => hasExactly(variant, selectedOptions)) ?? null,
    compareAtPriceRange: async ({ id }, _args, ctx) => compareAtPriceRange(await variantsByProductId(ctx).load(id)),
  },
  ProductVariant: {
    __resolveReference: ({ id }, ctx) => variantById(ctx).load(id),
    price: ({ priceAmount, currencyCode }) => formatMoney({ minorUnits: priceAmount, currencyCode }),
    compareAtPrice: (variant) => moneyOf(variant.compareAtPriceAmount, variant),
    unitCost: (variant) => moneyOf(variant.unitCostAmount, variant),
    product: ({ productId }, _args, ctx) => productById(ctx).load(productId),
  },
};
