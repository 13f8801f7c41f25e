import { z } from 'zod';
import { formatMoney, type Money, parseMoney } from '../../shared/money';
import { payload, refusal } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order, Payment } from '../generated/prisma/client';
import type { OrderPaymentCaptureInput, UserErrorCode } from '../generated/resolvers';
import { claimKey } from '../idempotency/claimKey';
import { readWithKey } from '../input/readWithKey';
import { getOrder, lockOrder } from '../orders/getOrder';
import { orderTransaction } from '../orders/orderTransaction';
import type { SagaRunner } from '../saga/sagaEngine';
import { capturableAmount, requestCapture, requireNotRefused } from './paymentCapture';

const refuse = refusal<UserErrorCode>;

/**
 * Captures an order's authorized payment, or a part of it, where the order itself does not. The saga makes the capture, which handles crashes,
 * timeouts of the provider and concurrent cancellations.
 */
export function orderPaymentCapture(
  ctx: Context & { services: { saga: SagaRunner } },
  id: string,
  input: OrderPaymentCaptureInput | null | undefined,
) {
  const { db, tenantId } = ctx;
  return payload<'order', Order, UserErrorCode>('order', async () => {
    const amount = (input?.amount && parseMoney(input.amount, 'input.amount')) ?? null;
    if (input) readWithKey(z.object({}), input, input.idempotencyKey);
    const captureId = await orderTransaction(db, { tenantId, orderId: id }, async (tx) => {
      const order = await lockOrder(ctx, tx, id);
      if (input && (await isRepeat(ctx, tx, id, input))) return null;
      const payment = await tx.payment.findFirst({ where: { tenantId, orderId: id } });
      const left = payment && isCapturedByStaff(order, payment) ? await capturableAmount(tx, payment) : 0n;
      if (!payment || left === 0n) {
        throw refuse(['id'], 'INVALID_TRANSITION', 'It has no authorized payment that could be captured.');
      }
      const part = amount ? checkedPart(payment, left, amount) : left;
      const isFinal = input?.finalCapture === true || part === left || !payment.capturesParts;
      return requestCapture(tx, payment, { amount: part, isFinal });
    });
    await ctx.services.saga.resume(tenantId, id);
    if (captureId) await requireNotRefused(db, tenantId, captureId, ['id']);
    return db.$transaction((tx) => getOrder(ctx, tx, id));
  });
}

const isRepeat = async (ctx: Context, tx: Tx, orderId: string, input: OrderPaymentCaptureInput): Promise<boolean> => {
  const { idempotencyKey: key } = input;
  return (
    (await claimKey(ctx, tx, { operation: 'orderPaymentCapture', key, request: [orderId, input], orderId })) !== null
  );
};

/** With AUTOMATIC capture the order's saga captures all of it. */
const isCapturedByStaff = ({ status }: Order, { captureMode }: Payment): boolean =>
  captureMode !== 'AUTOMATIC' && (status === 'CONFIRMED' || status === 'FULFILLED');

/** @throws UserErrors */
function checkedPart({ currencyCode }: Payment, left: bigint, amount: Money): bigint {
  const field = ['input', 'amount'];
  if (amount.currencyCode !== currencyCode) {
    throw refuse(field, 'CURRENCY_MISMATCH', `The payment is authorized in ${currencyCode}.`);
  }
  if (amount.minorUnits === 0n) throw refuse(field, 'INVALID', 'Expected more than nothing.');
  if (amount.minorUnits <= left) return amount.minorUnits;
  const most = formatMoney({ minorUnits: left, currencyCode }).amount;
  throw refuse(field, 'CAPTURE_TOO_LARGE', `No more than ${most} ${currencyCode} can be captured.`);
}
