import { formatMoney } from '../../shared/money';
import type { Context } from '../context';
import type { OrderItem } from '../generated/prisma/client';
import type { Resolvers } from '../generated/resolvers';
import { itemsByOrderId } from '../orders/order.loaders';
import { NONE_REFUNDED, quantityToSend, type RefundedQuantity, refundedByPosition } from '../orders/refundedQuantities';
import { seesAllOrders } from '../orders/visibility';
import { orderMarkAsPaid } from './orderMarkAsPaid.service';
import { orderPaymentCapture } from './orderPaymentCapture.service';
import { orderRefund } from './orderRefund.service';
import { paymentByOrderId, refundsByOrderId, transactionsByPaymentId } from './payment.loaders';
import { isCapturable } from './paymentCapture';
import { findPaymentSettings, paymentSettingsUpdate } from './paymentSettings.service';

const inCurrencyOf = ({ currencyCode }: { currencyCode: string }, minorUnits: bigint) =>
  formatMoney({ currencyCode, minorUnits });

async function refundedOf(ctx: Context, { orderId, position }: OrderItem): Promise<RefundedQuantity> {
  const refunds = await refundsByOrderId(ctx).load(orderId);
  const counted = refundedByPosition(refunds.filter(({ status }) => status !== 'FAILED'));
  return counted.get(position) ?? NONE_REFUNDED;
}

export const paymentResolvers: Resolvers = {
  Query: {
    paymentSettings: (_root, _args, ctx) => findPaymentSettings(ctx),
  },
  Mutation: {
    orderRefund: (_root, { id, input }, ctx) => orderRefund(ctx, id, input),
    orderPaymentCapture: (_root, { id, input }, ctx) => orderPaymentCapture(ctx, id, input),
    orderMarkAsPaid: (_root, { id, input }, ctx) => orderMarkAsPaid(ctx, id, input),
    paymentSettingsUpdate: (_root, { input }, ctx) => paymentSettingsUpdate(ctx, input),
  },
  Order: {
    payment: ({ id }, _args, ctx) => paymentByOrderId(ctx).load(id),
    refunds: ({ id }, _args, ctx) => refundsByOrderId(ctx).load(id),
  },
  OrderItem: {
    refundedQuantity: async (item, _args, ctx) => (await refundedOf(ctx, item)).all,
    unfulfilledQuantity: async (item, _args, ctx) => quantityToSend(item, await refundedOf(ctx, item)),
  },
  Payment: {
    amount: (payment) => inCurrencyOf(payment, payment.amount),
    authorizedAmount: (payment) => inCurrencyOf(payment, payment.authorizedAmount),
    capturedAmount: (payment) => inCurrencyOf(payment, payment.capturedAmount),
    refundedAmount: (payment) => inCurrencyOf(payment, payment.refundedAmount),
    capturableAmount: (payment) =>
      inCurrencyOf(payment, isCapturable(payment) ? payment.authorizedAmount - payment.capturedAmount : 0n),
    authorizationExpiresAt: (payment) => (isCapturable(payment) ? payment.authorizationExpiresAt : null),
    disputedAmount: (payment, _args, ctx) =>
      seesAllOrders(ctx) ? inCurrencyOf(payment, payment.disputedAmount) : null,
    dueAt: ({ dueAt, status }) => (status === 'PENDING' ? dueAt : null),
    // The secret allows to complete the payment, so only the buyer may see it.
    clientSecret: ({ clientSecret }, _args, ctx) => (seesAllOrders(ctx) ? null : clientSecret),
    providerReference: ({ providerReference }, _args, ctx) => (seesAllOrders(ctx) ? providerReference : null),
    flag: ({ flag }, _args, ctx) => (seesAllOrders(ctx) ? flag : null),
    transactions: async (payment, _args, ctx) => {
      if (!seesAllOrders(ctx)) return null;
      const transactions = await transactionsByPaymentId(ctx).load(payment.id);
      return transactions.map((transaction) => ({
        ...transaction,
        reference: transaction.note,
        amount: inCurrencyOf(payment, transaction.amount),
      }));
    },
  },
  PaymentSettings: { id: ({ tenantId }) => tenantId },
  OrderRefund: {
    amount: (refund) => inCurrencyOf(refund, refund.amount),
    shipping: (refund) => inCurrencyOf(refund, refund.shippingAmount),
    lines: async ({ orderId, lines }, _args, ctx) => {
      const items = await itemsByOrderId(ctx).load(orderId);
      return lines.flatMap(({ position, quantity, sent = false }) =>
        items.filter((item) => item.position === position).map((item) => ({ item, quantity, sent })),
      );
    },
    actorId: ({ actorId }, _args, ctx) => (seesAllOrders(ctx) ? actorId : null),
  },
};
