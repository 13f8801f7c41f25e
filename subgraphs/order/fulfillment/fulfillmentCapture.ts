import { refusal } from '../../shared/userErrors';
import type { Tx } from '../database';
import type { Order, OrderItem, Payment } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';
import { capturableAmount, isCapturable } from '../payment/paymentCapture';
import type { Capture } from '../payment/paymentProvider';
import { paidForItem, paidForShipping, refundAmount } from '../payment/refundAmount';

type PricedOrder = Pick<
  Order,
  'totalAmount' | 'pricesIncludeTax' | 'shippingAmount' | 'shippingTaxAmount' | 'fulfillmentStatus'
>;
type SentItem = Pick<OrderItem, 'quantity' | 'fulfilledQuantity' | 'totalPriceAmount' | 'discountAmount' | 'taxAmount'>;

/**
 * What the payment has to have captured for what is sent of an order: its items at what is paid for them, each rounded down, and all of shipping. What
 * was paid by other means than the payment comes first. All of the payment once all that was bought is sent.
 */
export function dueForSent(order: PricedOrder, items: readonly SentItem[], payment: Pick<Payment, 'amount'>): bigint {
  if (items.every(({ quantity, fulfilledQuantity }) => quantity === fulfilledQuantity)) return payment.amount;
  const ofItems = items.map((item) =>
    refundAmount({ quantity: item.quantity, paid: paidForItem(order, item) }, 0, item.fulfilledQuantity),
  );
  const sent = ofItems.reduce((sum, one) => sum + one, paidForShipping(order));
  const otherwisePaid = (order.totalAmount ?? 0n) - payment.amount;
  return sent > otherwisePaid ? sent - otherwisePaid : 0n;
}

/**
 * What is to be captured before the items of a fulfillment are sent, in a store that captures on fulfillment; null for nothing. Where a capture
 * releases the rest, it is all of the payment. The items have the quantities of the fulfillment already, and the caller has locked the order.
 * @throws UserErrors NOT_CAPTURED when that can't be captured (any more).
 */
export async function captureToSend(tx: Tx, order: Order, payment: Payment): Promise<Capture | null> {
  const { captureMode, provider, capturesParts, authorizedAmount, capturedAmount } = payment;
  if (captureMode !== 'ON_FULFILLMENT' || provider === 'OFFLINE') return null;
  const items = await tx.orderItem.findMany({ where: { tenantId: order.tenantId, orderId: order.id } });
  const left = await capturableAmount(tx, payment);
  const requested = isCapturable(payment) ? authorizedAmount - left : capturedAmount;
  const due = dueForSent(order, items, payment) - requested;
  if (due <= 0n) return null;
  if (due > left) {
    const message =
      'What these items cost is not captured, and can’t be: capturePayment: false sends them all the same.';
    throw refusal<UserErrorCode>(['input', 'capturePayment'], 'NOT_CAPTURED', message);
  }
  const isLast = !capturesParts || order.fulfillmentStatus === 'FULFILLED';
  return { amount: capturesParts ? due : left, isFinal: isLast };
}
