import { formatMoney, parseMoney } from '../../shared/money';
import { refusal } from '../../shared/userErrors';
import type { Tx } from '../database';
import type { Order } from '../generated/prisma/client';
import type { OrderRefundInput, OrderRefundLineInput, UserErrorCode } from '../generated/resolvers';
import { NONE_REFUNDED, quantityToSend, type RefundLine, refundedQuantities } from '../orders/refundedQuantities';
import { paidForItem, paidForShipping, refundAmount } from './refundAmount';

const refuse = refusal<UserErrorCode>;

/** A requested refund, in minor units of the payment's currency. */
interface RequestedRefund {
  amount: bigint;
  /** The part of the amount that is for shipping. */
  shipping: bigint;
  lines: RefundLine[];
}

/** Reads the input: an amount, or the price of lines plus an amount for shipping. The caller has locked the order. @throws UserErrors */
export async function requestedRefund(
  tx: Tx,
  order: Order,
  input: OrderRefundInput,
  currencyCode: string,
): Promise<RequestedRefund> {
  const requested = input.lines ?? [];
  if ((input.amount == null) === (requested.length === 0 && input.shipping == null)) {
    throw refuse(['input'], 'INVALID', 'Expected either an amount, or lines and what goes back of shipping.');
  }
  if (!input.refund && (input.amount != null || input.shipping != null)) {
    throw refuse(['input', 'refund'], 'INVALID', 'Expected true with an amount, or with what goes back of shipping.');
  }
  if (input.amount != null) return { amount: readAmount(input, 'amount', currencyCode), shipping: 0n, lines: [] };
  const shipping = input.shipping == null ? 0n : await shippingRefund(tx, order, input, currencyCode);
  const { lines, amount: ofLines } = await refundOfLines(tx, order, requested);
  if (input.refund) return { amount: shipping + ofLines, shipping, lines };
  return { amount: 0n, shipping, lines: lines.map((line) => ({ ...line, unpaid: true })) };
}

/** @throws UserErrors */
function readAmount(input: OrderRefundInput, name: 'amount' | 'shipping', currencyCode: string): bigint {
  const field = ['input', name];
  const { minorUnits, currencyCode: given } = parseMoney(input[name] ?? { amount: '', currencyCode }, field.join('.'));
  if (given !== currencyCode) throw refuse(field, 'CURRENCY_MISMATCH', `The order was paid in ${currencyCode}.`);
  if (minorUnits === 0n) throw refuse(field, 'INVALID', 'Expected more than nothing.');
  return minorUnits;
}

/** At most what was paid for shipping and its tax, less earlier refunds of it. @throws UserErrors */
async function shippingRefund(tx: Tx, order: Order, input: OrderRefundInput, currencyCode: string): Promise<bigint> {
  const amount = readAmount(input, 'shipping', currencyCode);
  const { tenantId, id: orderId } = order;
  const paid = paidForShipping(order);
  const where = { tenantId, orderId, status: { not: 'FAILED' as const } };
  const { _sum: before } = await tx.orderRefund.aggregate({ where, _sum: { shippingAmount: true } });
  const left = paid - (before.shippingAmount ?? 0n);
  if (amount <= left) return amount;
  const most = formatMoney({ minorUnits: left, currencyCode }).amount;
  throw refuse(['input', 'shipping'], 'REFUND_TOO_LARGE', `No more than ${most} of shipping can be refunded.`);
}

/** @throws UserErrors */
async function refundOfLines(
  tx: Tx,
  order: Order,
  requested: readonly OrderRefundLineInput[],
): Promise<{ lines: RefundLine[]; amount: bigint }> {
  if (requested.length === 0) return { lines: [], amount: 0n };
  const { tenantId, id: orderId } = order;
  const items = await tx.orderItem.findMany({ where: { tenantId, orderId } });
  const refunded = await refundedQuantities(tx, tenantId, orderId);
  const lines: RefundLine[] = [];
  let amount = 0n;
  for (const [index, { itemId, quantity, sent }] of requested.entries()) {
    const item = items.find(({ id }) => id === itemId);
    const field = ['input', 'lines', String(index)];
    if (!item) throw refuse([...field, 'itemId'], 'NOT_FOUND', 'No such item of this order.');
    const { position } = item;
    const before = refunded.get(position) ?? NONE_REFUNDED;
    const left = item.quantity - before.all;
    const toSend = quantityToSend(item, before);
    const most = sent == null ? left : sent ? left - toSend : toSend;
    if (quantity < 1 || quantity > most)
      throw refuse([...field, 'quantity'], 'INVALID', most < 1 ? 'None are left.' : `Expected 1 to ${most}.`);
    const back = sent ? quantity : Math.max(0, quantity - toSend);
    amount += refundAmount({ quantity: item.quantity, paid: paidForItem(order, item) }, before.all, quantity);
    refunded.set(position, { all: before.all + quantity, sent: before.sent + back });
    if (quantity > back) lines.push({ position, quantity: quantity - back, sent: false });
    if (back > 0) lines.push({ position, quantity: back, sent: true });
  }
  return { lines, amount };
}
