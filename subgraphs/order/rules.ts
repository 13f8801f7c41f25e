import { mergeRules } from '../shared/mergeFeatures';
import { cancellationRules } from './cancellation/cancellation.rules';
import { cartRules } from './cart/cart.rules';
import { checkoutRules } from './checkout/checkout.rules';
import { checkoutHookRules } from './checkoutHook/checkoutHook.rules';
import { customerRules } from './customer/customer.rules';
import { discountRules } from './discount/discount.rules';
import { fulfillmentRules } from './fulfillment/fulfillment.rules';
import { giftCardRules } from './giftCard/giftCard.rules';
import { orderRules } from './orders/order.rules';
import { paymentRules } from './payment/payment.rules';
import { paymentMethodRules } from './paymentMethod/paymentMethod.rules';
import { sagaRules } from './saga/saga.rules';
import { salesRules } from './sales/sales.rules';
import { shippingRules } from './shipping/shipping.rules';
import { storeCreditRules } from './storeCredit/storeCredit.rules';
import { taxRules } from './tax/tax.rules';
import { taxedPriceRules } from './taxedPrice/taxedPrice.rules';

export const rules = mergeRules([
  cancellationRules,
  cartRules,
  checkoutRules,
  checkoutHookRules,
  customerRules,
  discountRules,
  fulfillmentRules,
  giftCardRules,
  orderRules,
  paymentRules,
  paymentMethodRules,
  sagaRules,
  salesRules,
  shippingRules,
  storeCreditRules,
  taxRules,
  taxedPriceRules,
]);
