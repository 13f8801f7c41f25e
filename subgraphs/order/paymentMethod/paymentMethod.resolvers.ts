import { formatMoney } from '../../shared/money';
import { pricedCart } from '../cart/cart.loaders';
import type { PaymentMethodKind, Resolvers } from '../generated/resolvers';
import { PROVIDER_OF } from './methodKinds';
import { offeredMethods } from './offeredMethods';
import { paymentMethodById, providerAccountByKind } from './paymentMethod.loaders';
import {
  listPaymentMethods,
  paymentMethodCreate,
  paymentMethodDelete,
  paymentMethodReorder,
  paymentMethodUpdate,
} from './paymentMethod.service';

const moneyOrNull = (minorUnits: bigint | null, currencyCode: string | null) =>
  minorUnits === null || currencyCode === null ? null : formatMoney({ minorUnits, currencyCode });

export const paymentMethodResolvers: Resolvers = {
  Query: { paymentMethods: async (_root, _args, ctx) => listPaymentMethods(ctx) },
  Mutation: {
    paymentMethodCreate: (_root, { input }, ctx) => paymentMethodCreate(ctx, input),
    paymentMethodUpdate: (_root, { id, input }, ctx) => paymentMethodUpdate(ctx, id, input),
    paymentMethodDelete: (_root, { id }, ctx) => paymentMethodDelete(ctx, id),
    paymentMethodReorder: (_root, { ids }, ctx) => paymentMethodReorder(ctx, ids),
  },
  Cart: {
    paymentMethods: async (cart, _args, ctx) => {
      const { cost } = await pricedCart(ctx).load(cart);
      const total = cost && { minorUnits: cost.due, currencyCode: cost.currencyCode };
      return offeredMethods(ctx, { countryCode: (cart.shippingAddress ?? cart.billingAddress)?.countryCode, total });
    },
  },
  Order: {
    paymentMethod: ({ paymentMethod, paymentMethodId, paymentMethodName, paymentInstructions }) =>
      paymentMethod === null
        ? null
        : {
            methodId: paymentMethodId,
            kind: paymentMethod as PaymentMethodKind,
            name: paymentMethodName,
            instructions: paymentInstructions,
          },
  },
  PaymentMethod: {
    __resolveReference: ({ id }, ctx) => paymentMethodById(ctx).load(id),
    minimumTotal: ({ minimumTotalAmount, totalCurrencyCode }) => moneyOrNull(minimumTotalAmount, totalCurrencyCode),
    maximumTotal: ({ maximumTotalAmount, totalCurrencyCode }) => moneyOrNull(maximumTotalAmount, totalCurrencyCode),
    publishableKey: ({ kind }, _args, ctx) => ctx.services.providers[PROVIDER_OF[kind]]?.publishableKey ?? null,
    providerAccount: ({ kind }, _args, ctx) => providerAccountByKind(ctx).load(kind),
  },
};
