import { setTimeout as sleep } from 'node:timers/promises';
import { type UserError, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { formatMoney, parseMoney } from '../../shared/money';
import { hashOf } from '../checkout/idempotencyKey';
import type { Context } from '../context';
import type { Tx } from '../database';
import { getOrder } from '../fulfilment/transitionRefused';
import type { Order, OrderItem, OrderRefund } from '../generated/prisma/client';
import type { OrderErrorCode, OrderRefundInput } from '../generated/resolvers';
import { checkReason } from './orderCancel.service';
import { refundAmount } from './refundAmount';
import { takeKey } from './takeKey';

/** How long a repeat waits for the first request's outcome. */
const OUTCOME_WAIT_MS = 5_000;
const PAUSE_MS = 100;

interface RefundLine {
  position: number;
  quantity: number;
}

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
  const order = await getOrder(ctx, tx, orderId);
  // One refund of an order after another: each sees what the ones before it took.
  await tx.$queryRaw`SELECT 1 FROM payments WHERE tenant_id = ${tenantId} AND order_id = ${orderId} FOR UPDATE`;
  const payment = await tx.payment.findFirst({ where: { tenantId, orderId } });
  if (!payment || payment.capturedAmount === 0n) throw refused(['id'], 'NOT_CAPTURED', 'Nothing of it was paid yet.');
  const { amount, lines } = await whatFor(ctx, tx, order, input, payment.currencyCode);
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
      currencyCode: payment.currencyCode,
      reason,
      lines: lines.map(({ position, quantity }) => ({ position, quantity })),
      restock: input.restock,
      actorId: ctx.caller.userId,
    },
  });
}

/** The amount that was asked for, or what the lines cost. */
async function whatFor(ctx: Context, tx: Tx, order: Order, input: OrderRefundInput, currencyCode: string) {
  const orderId = order.id;
  const lines = input.lines ?? [];
  if ((input.amount == null) === (lines.length === 0)) {
    throw refused(['input'], 'INVALID', 'Expected either an amount or lines.');
  }
  if (input.amount != null) {
    if (input.restock) throw refused(['input', 'restock'], 'INVALID', 'Expected lines: an amount has no goods.');
    const { minorUnits, currencyCode: given } = parseMoney(input.amount, 'input.amount');
    const field = ['input', 'amount'];
    if (given !== currencyCode) throw refused(field, 'CURRENCY_MISMATCH', `The order was paid in ${currencyCode}.`);
    if (minorUnits === 0n) throw refused(field, 'INVALID', 'Expected more than nothing.');
    return { amount: minorUnits, lines };
  }
  const items = await tx.orderItem.findMany({ where: { tenantId: ctx.tenantId, orderId } });
  const returned = await returnedBefore(ctx, tx, orderId);
  let amount = 0n;
  for (const [index, { position, quantity }] of lines.entries()) {
    const item = items.find((one) => one.position === position);
    const before = returned.get(position) ?? 0;
    const fault = faultOf(item, before, quantity);
    if (fault) throw refused(['input', 'lines', String(index), fault.at], fault.code, fault.message);
    if (item) amount += refundAmount({ quantity: item.quantity, paid: paidFor(order, item) }, before, quantity);
    returned.set(position, before + quantity);
  }
  if (amount === 0n) throw refused(['input', 'lines'], 'INVALID', 'These lines cost nothing.');
  return { amount, lines };
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

/** By the item's position: how many were refunded, or are about to be. */
async function returnedBefore(ctx: Context, tx: Tx, orderId: string): Promise<Map<number, number>> {
  const where = { tenantId: ctx.tenantId, orderId, status: { not: 'FAILED' as const } };
  const refunds = await tx.orderRefund.findMany({ where, select: { lines: true } });
  const counts = new Map<number, number>();
  for (const { position, quantity } of refunds.flatMap(({ lines }) => lines as unknown as RefundLine[])) {
    counts.set(position, (counts.get(position) ?? 0) + quantity);
  }
  return counts;
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
