import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import type { Payment } from '../generated/prisma/client';
import { recordRefundedEvent } from '../orders/orderEvents';
import { updateRefundedStatus } from './refundedStatus';
import { appendTransaction } from './transitionPayment';

/**
 * Writes a refund that was made at the provider itself, so that the money can't be refunded here once more. Refunds that were requested here are part of
 * `refundedAmount` before the provider is asked, so only what is above it was made there.
 * @param refunded what went back of the payment in total, by the provider. Stripe counts what was released without a capture, too.
 * @returns whether there was such a refund.
 */
export async function recordOutsideRefund(
  tx: Tx,
  { tenantId, id: paymentId, orderId }: Payment,
  refunded: bigint,
): Promise<boolean> {
  await tx.$queryRaw`SELECT 1 FROM payments WHERE tenant_id = ${tenantId} AND id = ${paymentId} FOR UPDATE`;
  const payment = await tx.payment.findFirstOrThrow({ where: { tenantId, id: paymentId } });
  const { capturedAmount, refundedAmount, currencyCode } = payment;
  // At least so much of what was captured. More captures than are known here yet make it less than it was, never more.
  const amount = refunded - (payment.amount - capturedAmount) - refundedAmount;
  if (amount <= 0n) return false;
  const id = newId('ref');
  await tx.payment.updateMany({
    where: { tenantId, id: paymentId },
    data: { refundedAmount: { increment: amount }, version: { increment: 1 } },
  });
  const refund = { tenantId, id, orderId, amount, currencyCode, lines: [] };
  const reason = 'Refunded at the payment provider.';
  await tx.orderRefund.create({
    data: { ...refund, reason, status: 'SUCCEEDED', restock: false, finishedAt: new Date() },
  });
  await appendTransaction(tx, payment, { kind: 'REFUND', amount, report: null, key: id });
  const isComplete = await updateRefundedStatus(tx, { tenantId, orderId, actorId: null });
  await recordRefundedEvent(tx, { ...refund, minorUnits: amount, isComplete });
  return true;
}
