import { formatMoney } from '../../shared/money';
import type { Resolvers } from '../generated/resolvers';
import { shippingRateById } from './shipping.loaders';
import { listShippingRates, shippingRateCreate, shippingRateDelete, shippingRateUpdate } from './shippingRate.service';

export const shippingResolvers: Resolvers = {
  Query: { shippingRates: async (_root, _args, ctx) => listShippingRates(ctx) },
  Mutation: {
    shippingRateCreate: (_root, { input }, ctx) => shippingRateCreate(ctx, input),
    shippingRateUpdate: (_root, { id, input }, ctx) => shippingRateUpdate(ctx, id, input),
    shippingRateDelete: (_root, { id }, ctx) => shippingRateDelete(ctx, id),
  },
  ShippingOption: {
    id: ({ rate }) => rate.id,
    name: ({ rate }) => rate.name,
    price: ({ rate: { currencyCode }, price: minorUnits }) => formatMoney({ minorUnits, currencyCode }),
  },
  ShippingRate: {
    __resolveReference: ({ id }, ctx) => shippingRateById(ctx).load(id),
    price: ({ priceAmount, currencyCode }) => formatMoney({ minorUnits: priceAmount, currencyCode }),
    freeFrom: ({ freeFromAmount, currencyCode }) =>
      freeFromAmount === null ? null : formatMoney({ minorUnits: freeFromAmount, currencyCode }),
  },
};
