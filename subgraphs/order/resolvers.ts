import { CurrencyCode, DateTime, Decimal } from '../shared/scalars';
import { checkoutResolvers } from './checkout/checkout.resolvers';
import { fulfilmentResolvers } from './fulfilment/fulfilment.resolvers';
import type { Resolvers } from './generated/resolvers';
import { orderResolvers } from './orders/order.resolvers';

export const resolvers: Resolvers = {
  ...orderResolvers,
  Mutation: { ...orderResolvers.Mutation, ...checkoutResolvers.Mutation, ...fulfilmentResolvers.Mutation },
  CurrencyCode,
  DateTime,
  Decimal,
};
