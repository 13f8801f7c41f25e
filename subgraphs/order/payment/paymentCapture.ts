import { newId } from '../../shared/ids';
import { refusal } from '../../shared/userErrors';
import type { Db, Tx } from '../database';
import type { Payment, PaymentCapture, PaymentStatus } from '../generated/prisma/client';
import { reopenSagaAt } from '../saga/sagaLease';

/** The statuses of a payment of which something can be captured. */
export const CAPTURABLE = ['AUTHORIZED', 'PARTIALLY_CAPTURED'] as const satisfies readonly PaymentStatus[];

export const isCapturable = ({ status }: { status: PaymentStatus }): boolean =>
  CAPTURABLE.some((capturable) => capturable === status);

/** What is authorized, and neither captured nor asked to be. The caller has locked the order. */
export async function capturableAmount(tx: Tx, payment: Payment): Promise<bigint> {
  if (!isCapturable(payment)) return 0n;
  const { tenantId, orderId, authorizedAmount, capturedAmount } = payment;
  const pending = await tx.paymentCapture.aggregate({
    where: { tenantId, orderId, status: 'PENDING' },
    _sum: { amount: true },
  });
  return authorizedAmount - capturedAmount - (pending._sum.amount ?? 0n);
}

interface CaptureRequest extends Pick<PaymentCapture, 'amount' | 'isFinal'> {
  fulfillmentId?: string;
}

/**
 * Writes a capture for the order's saga to make, and reopens the saga where it has passed that step. A process that is there loses its lease: it
 * may have seen that there is nothing to capture. The caller has locked the order, whose status is CONFIRMED or FULFILLED, and calls
 * SagaRunner.resume after the transaction. @returns its id.
 */
export async function requestCapture(
  tx: Tx,
  { tenantId, orderId }: Payment,
  { amount, isFinal, fulfillmentId }: CaptureRequest,
): Promise<string> {
  const id = newId('pcap');
  await tx.paymentCapture.create({
    data: { tenantId, id, orderId, amount, isFinal, fulfillmentId: fulfillmentId ?? null },
  });
  await tx.$executeRaw`
    UPDATE order_sagas SET ${reopenSagaAt('CAPTURE_PAYMENT')}
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND step IN ('CAPTURE_PAYMENT', 'DONE')`;
  return id;
}

/** The oldest capture that is still to be made. */
export const nextCapture = (db: Db | Tx, { tenantId, orderId }: { tenantId: string; orderId: string }) =>
  db.paymentCapture.findFirst({ where: { tenantId, orderId, status: 'PENDING' }, orderBy: { id: 'asc' } });

/** @param failureCode null when it was made. */
export async function finishCapture(
  tx: Tx,
  { tenantId, id }: Pick<PaymentCapture, 'tenantId' | 'id'>,
  failureCode: string | null,
): Promise<void> {
  const status = failureCode === null ? 'SUCCEEDED' : 'FAILED';
  await tx.paymentCapture.updateMany({
    where: { tenantId, id, status: 'PENDING' },
    data: { status, failureCode, finishedAt: new Date() },
  });
}

/** For a payment that can't be captured any more. */
export async function failCaptures(
  tx: Tx,
  { tenantId, orderId }: { tenantId: string; orderId: string },
  failureCode: string,
): Promise<void> {
  await tx.paymentCapture.updateMany({
    where: { tenantId, orderId, status: 'PENDING' },
    data: { status: 'FAILED', failureCode, finishedAt: new Date() },
  });
}

/** @throws UserErrors PAYMENT_DECLINED when the provider has refused the capture. One that is PENDING is made in the background. */
export async function requireNotRefused(db: Db, tenantId: string, id: string, field: string[]): Promise<void> {
  const capture = await db.paymentCapture.findFirst({ where: { tenantId, id } });
  if (capture?.status !== 'FAILED') return;
  throw refusal(field, 'PAYMENT_DECLINED', `The provider refused to capture it: ${capture.failureCode}.`);
}
