import type { Resolvers } from '../generated/resolvers';
import { canBeBought } from '../inventory/availability';
import { hasAll } from '../variant/selectedOptions';
import { variantsByProductId } from '../variant/variant.loaders';
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
  ProductOption: {
    optionValues: async ({ productId, name, values }, _args, ctx) => {
      const variants = await variantsByProductId(ctx).load(productId);
      return values.map((value) => ({
        option: name,
        value,
        variants: variants.filter((variant) => hasAll(variant, [{ option: name, value }])),
      }));
    },
  },
  ProductOptionValue: {
    availableForSale: ({ option, variants }, { selectedOptions }) => {
      const others = selectedOptions.filter((selected) => selected.option !== option);
      return variants.some((variant) => canBeBought(variant) && hasAll(variant, others));
    },
    firstSelectableVariant: ({ variants }) => variants.find(canBeBought) ?? variants[0] ?? null,
  },
};
