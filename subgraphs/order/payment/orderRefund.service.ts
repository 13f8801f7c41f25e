import { setTimeout as sleep } from 'node:timers/promises';
import { type UserError, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { formatMoney, parseMoney } from '../../shared/money';
import { checkReason } from '../cancellation/orderCancel.service';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order, OrderItem, OrderRefund } from '../generated/prisma/client';
import type { OrderErrorCode, OrderRefundInput } from '../generated/resolvers';
import { hashOf } from '../idempotency/idempotencyKey';
import { takeKey } from '../idempotency/takeKey';
import { lockOrder } from '../orders/lockOrder';
import { refundAmount } from './refundAmount';
import { type RefundLine, refundedQuantities } from './refundedQuantities';

/** How long a repeat waits for the first request's outcome. */
const OUTCOME_WAIT_MS = 5_000;
const PAUSE_MS = 100;

interface RefundPayload {
  order: Order | null;
  refund: OrderRefund | null;
  userErrors: UserError<OrderErrorCode>[];
}

/**
 * Gives money back. The amount is set aside first, by one conditional statement, so that however many refund at once no
 * more goes back than was captured; then the provider is asked, and asked again by recovery while its answer is unknown.
 */
export async function orderRefund(ctx: Context, id: string, input: OrderRefundInput): Promise<RefundPayload> {
  try {
    const reason = checkReason(input.reason);
    const refund = await ctx.db.$transaction((tx) => setAside(ctx, tx, id, input, reason));
    if (refund) await ctx.refunds.drive(refund);
    return await outcomeOf(ctx, id, refund?.id ?? (await earlierRefund(ctx, input.idempotencyKey)));
  } catch (error) {
    if (!(error instanceof UserErrors)) throw error;
    return { order: null, refund: null, userErrors: error.userErrors as UserError<OrderErrorCode>[] };
  }
}

/** @returns null when the key was used before, for the same refund. */
async function setAside(ctx: Context, tx: Tx, orderId: string, input: OrderRefundInput, reason: string) {
  const { tenantId } = ctx;
  const refundId = newId('ref');
  const hash = hashOf([orderId, input]);
  const request = { operation: 'orderRefund', key: input.idempotencyKey, hash, orderId, refundId } as const;
  if (!(await takeKey(ctx, tx, request))) return null;
  // One refund of an order after another: each sees what the ones before it took. And none beside a parcel, which then does
  // not hold what is refunded here.
  await tx.$queryRaw`SELECT 1 FROM payments WHERE tenant_id = ${tenantId} AND order_id = ${orderId} FOR UPDATE`;
  const order = await lockOrder(ctx, tx, orderId);
  const payment = await tx.payment.findFirst({ where: { tenantId, orderId } });
  if (!payment || payment.capturedAmount === 0n) throw refused(['id'], 'NOT_CAPTURED', 'Nothing of it was paid yet.');
  const { amount, shipping, lines } = await whatFor(ctx, tx, order, input, payment.currencyCode);
  const count = await tx.$executeRaw`
    UPDATE payments SET refunded_amount = refunded_amount + ${amount}
    WHERE tenant_id = ${tenantId} AND id = ${payment.id} AND captured_amount - refunded_amount >= ${amount}`;
  if (count === 0) {
    const rest = formatMoney({ ...payment, minorUnits: payment.capturedAmount - payment.refundedAmount });
    throw refused(['input'], 'REFUND_TOO_LARGE', `No more than ${rest.amount} ${rest.currencyCode} can be given back.`);
  }
  return tx.orderRefund.create({
    data: {
      tenantId,
      id: refundId,
      orderId,
      amount,
      shippingAmount: shipping,
      currencyCode: payment.currencyCode,
      reason,
      lines: lines.map(({ position, quantity }) => ({ position, quantity })),
      restock: input.restock,
      actorId: ctx.caller.userId,
    },
  });
}

/** The amount that was asked for, or what the lines cost and what goes back of shipping. */
async function whatFor(ctx: Context, tx: Tx, order: Order, input: OrderRefundInput, currencyCode: string) {
  const lines = input.lines ?? [];
  if ((input.amount == null) === (lines.length === 0 && input.shipping == null)) {
    throw refused(['input'], 'INVALID', 'Expected either an amount, or lines and what goes back of shipping.');
  }
  if (input.restock && lines.length === 0) {
    throw refused(['input', 'restock'], 'INVALID', 'Expected lines: an amount has no goods.');
  }
  if (input.amount != null) return { amount: readAmount(input, 'amount', currencyCode), shipping: 0n, lines };
  const shipping = input.shipping == null ? 0n : await shippingBack(tx, order, input, currencyCode);
  const amount = shipping + (await costOf(ctx, tx, order, lines));
  if (amount === 0n) throw refused(['input', 'lines'], 'INVALID', 'These lines cost nothing.');
  return { amount, shipping, lines };
}

/** @throws UserErrors */
function readAmount(input: OrderRefundInput, name: 'amount' | 'shipping', currencyCode: string): bigint {
  const field = ['input', name];
  const { minorUnits, currencyCode: given } = parseMoney(input[name] ?? { amount: '', currencyCode }, field.join('.'));
  if (given !== currencyCode) throw refused(field, 'CURRENCY_MISMATCH', `The order was paid in ${currencyCode}.`);
  if (minorUnits === 0n) throw refused(field, 'INVALID', 'Expected more than nothing.');
  return minorUnits;
}

/** No more than was paid for it, with its tax, and has not gone back before. @throws UserErrors */
async function shippingBack(tx: Tx, order: Order, input: OrderRefundInput, currencyCode: string): Promise<bigint> {
  const asked = readAmount(input, 'shipping', currencyCode);
  const { tenantId, id: orderId, shippingAmount, shippingTaxAmount, taxIncluded } = order;
  const paid = (shippingAmount ?? 0n) + (taxIncluded ? 0n : (shippingTaxAmount ?? 0n));
  const where = { tenantId, orderId, status: { not: 'FAILED' as const } };
  const { _sum: before } = await tx.orderRefund.aggregate({ where, _sum: { shippingAmount: true } });
  const left = paid - (before.shippingAmount ?? 0n);
  if (asked <= left) return asked;
  const { amount } = formatMoney({ minorUnits: left, currencyCode });
  throw refused(['input', 'shipping'], 'REFUND_TOO_LARGE', `No more than ${amount} of shipping can be given back.`);
}

/** @throws UserErrors */
async function costOf(ctx: Context, tx: Tx, order: Order, lines: RefundLine[]): Promise<bigint> {
  if (lines.length === 0) return 0n;
  const { tenantId } = ctx;
  const items = await tx.orderItem.findMany({ where: { tenantId, orderId: order.id } });
  const returned = await refundedQuantities(tx, tenantId, order.id);
  let amount = 0n;
  for (const [index, { position, quantity }] of lines.entries()) {
    const item = items.find((one) => one.position === position);
    const before = returned.get(position) ?? 0;
    const fault = faultOf(item, before, quantity);
    if (fault) throw refused(['input', 'lines', String(index), fault.at], fault.code, fault.message);
    if (item) amount += refundAmount({ quantity: item.quantity, paid: paidFor(order, item) }, before, quantity);
    returned.set(position, before + quantity);
  }
  return amount;
}

/** For all of an item, its discount taken off, and its tax on top where prices do not include that. Not for shipping. */
const paidFor = ({ taxIncluded }: Order, { totalPriceAmount, discountAmount, taxAmount }: OrderItem) =>
  totalPriceAmount - discountAmount + (taxIncluded ? 0n : taxAmount);

function faultOf(item: OrderItem | undefined, before: number, quantity: number) {
  if (!item) return { at: 'position', code: 'NOT_FOUND' as const, message: 'The order has no such item.' };
  const left = item.quantity - before;
  if (quantity >= 1 && quantity <= left) return null;
  return { at: 'quantity', code: 'INVALID' as const, message: `Expected 1 to ${left}.` };
}

async function earlierRefund(ctx: Context, key: string): Promise<string> {
  const { refundId } = await ctx.db.idempotencyKey.findFirstOrThrow({
    where: { tenantId: ctx.tenantId, callerId: ctx.caller.userId ?? '', operation: 'orderRefund', key },
  });
  return refundId ?? '';
}

/** What has become of the refund; PENDING when the provider is slow. */
async function outcomeOf(ctx: Context, orderId: string, refundId: string): Promise<RefundPayload> {
  const { db, tenantId } = ctx;
  const find = () => db.orderRefund.findFirstOrThrow({ where: { tenantId, id: refundId } });
  let refund = await find();
  for (const deadline = Date.now() + OUTCOME_WAIT_MS; isUnderWay(refund) && Date.now() < deadline; ) {
    await sleep(PAUSE_MS);
    refund = await find();
  }
  if (refund.status === 'FAILED') throw refused(['id'], 'REFUND_DECLINED', 'The provider refused to give it back.');
  return { order: await db.order.findFirst({ where: { tenantId, id: orderId } }), refund, userErrors: [] };
}

/** Once it was put off, it takes longer than a caller waits. */
const isUnderWay = ({ status, attempts }: OrderRefund) => status === 'PENDING' && attempts === 0;

const refused = (field: string[], code: OrderErrorCode, message: string) =>
  new UserErrors<OrderErrorCode>({ field, code, message });
