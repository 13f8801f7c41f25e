import { mergeResolvers } from '../shared/mergeFeatures';
import { CurrencyCode, DateTime, Decimal } from '../shared/scalars';
import { cancellationResolvers } from './cancellation/cancellation.resolvers';
import { cartResolvers } from './cart/cart.resolvers';
import { checkoutResolvers } from './checkout/checkout.resolvers';
import { checkoutHookResolvers } from './checkoutHook/checkoutHook.resolvers';
import { creditResolvers } from './credit/credit.resolvers';
import { customerResolvers } from './customer/customer.resolvers';
import { discountResolvers } from './discount/discount.resolvers';
import { disputeResolvers } from './dispute/dispute.resolvers';
import { fulfillmentResolvers } from './fulfillment/fulfillment.resolvers';
import type { Resolvers } from './generated/resolvers';
import { giftCardResolvers } from './giftCard/giftCard.resolvers';
import { orderResolvers } from './orders/order.resolvers';
import { paymentResolvers } from './payment/payment.resolvers';
import { paymentMethodResolvers } from './paymentMethod/paymentMethod.resolvers';
import { sagaResolvers } from './saga/saga.resolvers';
import { salesResolvers } from './sales/sales.resolvers';
import { shippingResolvers } from './shipping/shipping.resolvers';
import { storeCreditResolvers } from './storeCredit/storeCredit.resolvers';
import { taxResolvers } from './tax/tax.resolvers';
import { taxedPriceResolvers } from './taxedPrice/taxedPrice.resolvers';

const scalars: Resolvers = { CurrencyCode, DateTime, Decimal };

export const resolvers = mergeResolvers<Resolvers>([
  scalars,
  cancellationResolvers,
  cartResolvers,
  checkoutResolvers,
  checkoutHookResolvers,
  creditResolvers,
  customerResolvers,
  discountResolvers,
  disputeResolvers,
  fulfillmentResolvers,
  giftCardResolvers,
  orderResolvers,
  paymentResolvers,
  paymentMethodResolvers,
  sagaResolvers,
  salesResolvers,
  shippingResolvers,
  storeCreditResolvers,
  taxResolvers,
  taxedPriceResolvers,
]);
