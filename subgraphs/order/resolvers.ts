import { CurrencyCode, DateTime, Decimal } from '../shared/scalars';
import { cartResolvers } from './cart/cart.resolvers';
import { checkoutResolvers } from './checkout/checkout.resolvers';
import { customerResolvers } from './customer/customer.resolvers';
import { discountResolvers } from './discount/discount.resolvers';
import { fulfillmentResolvers } from './fulfillment/fulfillment.resolvers';
import type { Resolvers } from './generated/resolvers';
import { orderResolvers } from './orders/order.resolvers';
import { paymentResolvers } from './payment/payment.resolvers';
import { sagaResolvers } from './saga/saga.resolvers';
import { salesResolvers } from './sales/sales.resolvers';
import { shippingResolvers } from './shipping/shipping.resolvers';
import { taxResolvers } from './tax/tax.resolvers';

export const resolvers: Resolvers = {
  ...orderResolvers,
  ...cartResolvers,
  ...customerResolvers,
  ...salesResolvers,
  ...shippingResolvers,
  ...taxResolvers,
  ...discountResolvers,
  ...paymentResolvers,
  ...sagaResolvers,
  Query: {
    ...orderResolvers.Query,
    ...cartResolvers.Query,
    ...customerResolvers.Query,
    ...shippingResolvers.Query,
    ...taxResolvers.Query,
    ...discountResolvers.Query,
    ...paymentResolvers.Query,
  },
  Mutation: {
    ...orderResolvers.Mutation,
    ...customerResolvers.Mutation,
    ...checkoutResolvers.Mutation,
    ...fulfillmentResolvers.Mutation,
    ...cartResolvers.Mutation,
    ...shippingResolvers.Mutation,
    ...taxResolvers.Mutation,
    ...discountResolvers.Mutation,
    ...paymentResolvers.Mutation,
    ...sagaResolvers.Mutation,
  },
  Order: { ...orderResolvers.Order, ...paymentResolvers.Order, ...sagaResolvers.Order },
  CurrencyCode,
  DateTime,
  Decimal,
};
