import DataLoader from 'dataloader';
import { alignToKeys, groupByKey } from '../../shared/batches';
import type { DatabaseContext } from '../../shared/callerContext';
import type { Db } from '../database';
import type { OrderRefund, OrderSaga, Payment, PaymentTransaction } from '../generated/prisma/client';

export interface PaymentLoaders {
  paymentByOrderId: DataLoader<string, Payment | null>;
  transactionsByPaymentId: DataLoader<string, PaymentTransaction[]>;
  refundsByOrderId: DataLoader<string, OrderRefund[]>;
  sagaByOrderId: DataLoader<string, OrderSaga | null>;
}

/** Of orders that the caller was shown: one statement for all keys of a tick. */
export function createPaymentLoaders(ctx: DatabaseContext<Db>): PaymentLoaders {
  const { db } = ctx;
  const ofOrders = (orderIds: readonly string[]) => ({ tenantId: ctx.tenantId, orderId: { in: [...orderIds] } });

  return {
    paymentByOrderId: new DataLoader(async (orderIds) => {
      const payments = await db.payment.findMany({ where: ofOrders(orderIds) });
      return alignToKeys(orderIds, payments, (payment) => payment.orderId);
    }),
    transactionsByPaymentId: new DataLoader(async (paymentIds) => {
      const where = { tenantId: ctx.tenantId, paymentId: { in: [...paymentIds] } };
      const transactions = await db.paymentTransaction.findMany({ where, orderBy: { id: 'asc' } });
      return groupByKey(paymentIds, transactions, (transaction) => transaction.paymentId);
    }),
    refundsByOrderId: new DataLoader(async (orderIds) => {
      const refunds = await db.orderRefund.findMany({ where: ofOrders(orderIds), orderBy: { id: 'asc' } });
      return groupByKey(orderIds, refunds, (refund) => refund.orderId);
    }),
    sagaByOrderId: new DataLoader(async (orderIds) => {
      const sagas = await db.orderSaga.findMany({ where: ofOrders(orderIds) });
      return alignToKeys(orderIds, sagas, (saga) => saga.orderId);
    }),
  };
}
