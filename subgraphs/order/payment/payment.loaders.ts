import { alignToKeys, groupByKey } from '../../shared/batches';
import { loader } from '../loader';

// Without a check of its own: the order was loaded by orderById, which checks that the caller may see it.

export const paymentByOrderId = loader(async ({ db, tenantId }, orderIds) => {
  const payments = await db.payment.findMany({ where: { tenantId, orderId: { in: [...orderIds] } } });
  return alignToKeys(orderIds, payments, (payment) => payment.orderId);
});

export const transactionsByPaymentId = loader(async ({ db, tenantId }, paymentIds) => {
  const where = { tenantId, paymentId: { in: [...paymentIds] } };
  const transactions = await db.paymentTransaction.findMany({ where, orderBy: { id: 'asc' } });
  return groupByKey(paymentIds, transactions, (transaction) => transaction.paymentId);
});

export const refundsByOrderId = loader(async ({ db, tenantId }, orderIds) => {
  const where = { tenantId, orderId: { in: [...orderIds] } };
  const refunds = await db.orderRefund.findMany({ where, orderBy: { id: 'asc' } });
  return groupByKey(orderIds, refunds, (refund) => refund.orderId);
});
