import { formatMoney } from '../../shared/money';
import type { Resolvers } from '../generated/resolvers';
import { estimatedDays } from './estimatedDays';
import { tiersOf } from './rateAmounts';
import { shippingRateById, shippingRatesByZoneId, shippingZoneById } from './shipping.loaders';
import { listShippingRates, shippingRateCreate, shippingRateDelete, shippingRateUpdate } from './shippingRate.service';
import { listShippingZones, shippingZoneCreate, shippingZoneDelete, shippingZoneUpdate } from './shippingZone.service';

export const shippingResolvers: Resolvers = {
  Query: {
    shippingRates: async (_root, _args, ctx) => listShippingRates(ctx),
    shippingZones: async (_root, _args, ctx) => listShippingZones(ctx),
  },
  Mutation: {
    shippingRateCreate: (_root, { input }, ctx) => shippingRateCreate(ctx, input),
    shippingRateUpdate: (_root, { id, input }, ctx) => shippingRateUpdate(ctx, id, input),
    shippingRateDelete: (_root, { id }, ctx) => shippingRateDelete(ctx, id),
    shippingZoneCreate: (_root, { input }, ctx) => shippingZoneCreate(ctx, input),
    shippingZoneUpdate: (_root, { id, input }, ctx) => shippingZoneUpdate(ctx, id, input),
    shippingZoneDelete: (_root, { id }, ctx) => shippingZoneDelete(ctx, id),
  },
  ShippingOption: {
    id: ({ rate }) => rate.id,
    name: ({ rate }) => rate.name,
    price: ({ rate: { currencyCode }, price: minorUnits }) => formatMoney({ minorUnits, currencyCode }),
    estimatedDays: ({ rate }) => estimatedDays(rate.minDays, rate.maxDays),
    pickupLocation: ({ rate }) => rate.pickup,
  },
  ShippingZone: {
    __resolveReference: ({ id }, ctx) => shippingZoneById(ctx).load(id),
    rates: ({ id }, _args, ctx) => shippingRatesByZoneId(ctx).load(id),
  },
  ShippingRate: {
    __resolveReference: ({ id }, ctx) => shippingRateById(ctx).load(id),
    zone: ({ zoneId }, _args, ctx) => (zoneId === null ? null : shippingZoneById(ctx).load(zoneId)),
    pickupLocation: ({ pickup }) => pickup,
    price: ({ priceAmount, currencyCode }) => formatMoney({ minorUnits: priceAmount, currencyCode }),
    tiers: tiersOf,
    estimatedDays: ({ minDays, maxDays }) => estimatedDays(minDays, maxDays),
    freeFrom: ({ freeFromAmount, currencyCode }) =>
      freeFromAmount === null ? null : formatMoney({ minorUnits: freeFromAmount, currencyCode }),
  },
};
