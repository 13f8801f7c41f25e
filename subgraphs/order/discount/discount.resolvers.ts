import { formatMoney } from '../../shared/money';
import type { DiscountClass, Resolvers } from '../generated/resolvers';
import { classOf } from '../pricing/discount';
import { discountById, discountsByOrderId, firstCodeByDiscountId } from './discount.loaders';
import { discountCreate, discountDelete, discountUpdate, listDiscounts } from './discount.service';
import { discountCodesCreate, discountCodesDelete, listCodes } from './discountCodes.service';

export const discountResolvers: Resolvers = {
  Query: {
    discount: (_root, { id }, ctx) => discountById(ctx).load(id),
    discounts: (_root, args, ctx) => listDiscounts(ctx, args),
  },
  Mutation: {
    discountCreate: (_root, { input }, ctx) => discountCreate(ctx, input),
    discountUpdate: (_root, { id, input }, ctx) => discountUpdate(ctx, id, input),
    discountDelete: (_root, { id }, ctx) => discountDelete(ctx, id),
    discountCodesCreate: (_root, { id, input }, ctx) => discountCodesCreate(ctx, id, input),
    discountCodesDelete: (_root, { id, input }, ctx) => discountCodesDelete(ctx, id, input),
  },
  Order: {
    discounts: async ({ id, currencyCode }, _args, ctx) => {
      const discounts = await discountsByOrderId(ctx).load(id);
      return discounts.map((discount) => ({
        ...discount,
        discountClass: discount.discountClass as DiscountClass,
        amount: formatMoney({ minorUnits: discount.amount, currencyCode: currencyCode ?? '' }),
      }));
    },
  },
  Discount: {
    __resolveReference: ({ id }, ctx) => discountById(ctx).load(id),
    code: ({ id }, _args, ctx) => firstCodeByDiscountId(ctx).load(id),
    codes: ({ id }, args, ctx) => listCodes(ctx, id, args),
    discountClass: ({ freeShipping, items }) =>
      freeShipping ? 'SHIPPING' : classOf({ off: { basisPoints: 0 }, items }),
    combinesWithClasses: ({ combinesWith }) => combinesWith as DiscountClass[],
    freeShipping: ({ freeShipping, currencyCode }) =>
      freeShipping && {
        countryCodes: freeShipping.countryCodes,
        maximumPrice:
          freeShipping.maximumPrice === null || currencyCode === null
            ? null
            : formatMoney({ minorUnits: BigInt(freeShipping.maximumPrice), currencyCode }),
      },
    amount: ({ amount, currencyCode }) =>
      amount === null || currencyCode === null ? null : formatMoney({ minorUnits: amount, currencyCode }),
    minimumSubtotal: ({ minimumSubtotalAmount, currencyCode }) =>
      minimumSubtotalAmount === 0n || currencyCode === null
        ? null
        : formatMoney({ minorUnits: minimumSubtotalAmount, currencyCode }),
  },
};
