import { formatMoney } from '../../shared/money';
import { refusal } from '../../shared/userErrors';
import { splitRefund } from '../credit/allocateCredit';
import { toShare } from '../credit/orderCredit';
import { openStoreCredit } from '../credit/storeCreditAccount';
import type { CreditShare } from '../credit/wantedCredit';
import type { Tx } from '../database';
import { refundableOf } from '../dispute/disputeState';
import type { Order, OrderCredit, Payment } from '../generated/prisma/client';
import type { OrderRefundDestination, UserErrorCode } from '../generated/resolvers';

const refuse = refusal<UserErrorCode>;

export const notCaptured = () => refuse(['id'], 'NOT_CAPTURED', 'Nothing of it was paid yet.');

/**
 * Reserves a refund of an order, which the caller has locked, in proportion to what it was paid with.
 * @returns what of it goes to gift cards and store credit. @throws UserErrors when less is left of what was paid: more was refunded, or a
 * dispute has taken it back.
 */
export async function reserveAmount(
  tx: Tx,
  order: Order,
  amount: bigint,
  to: OrderRefundDestination | null | undefined,
): Promise<CreditShare[]> {
  const where = { tenantId: order.tenantId, orderId: order.id };
  const payment = await tx.payment.findFirst({ where });
  const paid = await tx.orderCredit.findMany({ where, orderBy: { position: 'asc' } });
  if (payment ? payment.capturedAmount === 0n : paid.length === 0) throw notCaptured();
  const parts = paid.map((part) => ({ accountId: part.accountId, left: part.amount - part.refundedAmount }));
  const split = splitRefund(amount, payment ? refundableOf(payment) : 0n, parts);
  if (!split) throw tooLarge(order, payment, paid);
  const shares = split.credits.map(toShare);
  if (payment && split.payment > 0n) {
    await tx.payment.updateMany({
      where: { tenantId: order.tenantId, id: payment.id },
      data: { refundedAmount: { increment: split.payment } },
    });
  }
  await changeRefunded(tx, where, shares, 1);
  return to === 'STORE_CREDIT' ? [await toStoreCredit(tx, order, amount)] : shares;
}

/** @param sign 1 to reserve the shares of a refund, -1 to release them. */
export async function changeRefunded(
  tx: Tx,
  { tenantId, orderId }: { tenantId: string; orderId: string },
  shares: readonly CreditShare[],
  sign: 1 | -1,
): Promise<void> {
  if (shares.length === 0) return;
  await tx.$executeRaw`
    UPDATE order_credits SET refunded_amount = refunded_amount + ${sign}::int * share.amount
    FROM jsonb_to_recordset(${JSON.stringify(shares)}::jsonb) AS share ("accountId" text, amount bigint)
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND account_id = share."accountId"`;
}

/** @throws UserErrors for a guest's order. */
async function toStoreCredit(
  tx: Tx,
  { tenantId, customerId, currencyCode }: Order,
  amount: bigint,
): Promise<CreditShare> {
  if (customerId === null || currencyCode === null) {
    throw refuse(['input', 'to'], 'INVALID', 'Expected ORIGINAL: store credit is for buyers who have signed in.');
  }
  const { id: accountId } = await openStoreCredit(tx, { tenantId, customerId, currencyCode });
  return toShare({ accountId, amount });
}

function tooLarge({ currencyCode }: Order, payment: Payment | null, paid: OrderCredit[]) {
  const ofCredit = paid.reduce((sum, part) => sum + part.amount - part.refundedAmount, 0n);
  const minorUnits = ofCredit + (payment ? refundableOf(payment) : 0n);
  const left = formatMoney({ currencyCode: currencyCode ?? '', minorUnits });
  const most = `No more than ${left.amount} ${left.currencyCode} can be refunded`;
  if (!payment || payment.disputedAmount === 0n) return refuse(['input'], 'REFUND_TOO_LARGE', `${most}.`);
  return refuse(['input'], 'PAYMENT_DISPUTED', `${most}: its buyer disputes the payment with their bank.`);
}
