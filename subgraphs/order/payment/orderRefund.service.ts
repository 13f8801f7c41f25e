import { setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseUnavailable } from '../../shared/databaseErrors';
import { newId } from '../../shared/ids';
import { refusal, type UserError, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order, OrderRefund } from '../generated/prisma/client';
import type { OrderRefundInput, UserErrorCode } from '../generated/resolvers';
import { claimKey } from '../idempotency/claimKey';
import { readWithKey } from '../input/readWithKey';
import { reasonInput } from '../input/reason';
import { lockOrder } from '../orders/getOrder';
import { orderTransaction } from '../orders/orderTransaction';
import type { RefundWorker } from './refundWorker';
import { requestedRefund } from './requestedRefund';
import { notCaptured, reserveAmount } from './reserveAmount';

const refuse = refusal<UserErrorCode>;

/** How long a caller waits for a refund that another request has started. */
const RESULT_TIMEOUT_MS = 5_000;
const POLL_MS = 100;

type RefundContext = Context & { services: { refunds: RefundWorker } };

interface RefundPayload {
  order: Order | null;
  orderRefund: OrderRefund | null;
  userErrors: UserError<UserErrorCode>[];
}

/**
 * Refunds money. The amount is reserved first, by one conditional statement, so that concurrent refunds never exceed what was captured;
 * then the provider is called, and called again by recovery while the result is unknown.
 */
export async function orderRefund(ctx: RefundContext, id: string, input: OrderRefundInput): Promise<RefundPayload> {
  try {
    const { reason } = readWithKey(reasonInput, input, input.idempotencyKey);
    const { refund, refundId } = await orderTransaction(ctx.db, { tenantId: ctx.tenantId, orderId: id }, (tx) =>
      reserveRefund(ctx, tx, id, input, reason),
    );
    if (refund) await ctx.services.refunds.drive(refund);
    return await knownResult(ctx, id, refundId, refund);
  } catch (error) {
    if (!(error instanceof UserErrors)) throw error;
    return { order: null, orderRefund: null, userErrors: error.userErrors as UserError<UserErrorCode>[] };
  }
}

/** @returns the new refund; or only the id of the earlier one, when this is a repeat under the same key. */
async function reserveRefund(
  ctx: Context,
  tx: Tx,
  orderId: string,
  input: OrderRefundInput,
  reason: string,
): Promise<{ refund: OrderRefund | null; refundId: string }> {
  const { tenantId } = ctx;
  const refundId = newId('ref');
  const earlier = await claimKey(ctx, tx, {
    operation: 'orderRefund',
    key: input.idempotencyKey,
    request: [orderId, input],
    orderId,
    refundId,
  });
  if (earlier) return { refund: null, refundId: earlier.refundId ?? '' };
  // The lock of the payment's row serializes refunds of one order, so that each sees what earlier ones have reserved. The lock of the
  // order's row excludes a concurrent fulfillment, which must not ship items that are refunded here.
  await tx.$queryRaw`SELECT 1 FROM payments WHERE tenant_id = ${tenantId} AND order_id = ${orderId} FOR UPDATE`;
  const order = await lockOrder(ctx, tx, orderId);
  const { currencyCode } = order;
  if (currencyCode === null) throw notCaptured();
  const { amount, shipping, lines } = await requestedRefund(tx, order, input, currencyCode);
  const credits = amount > 0n ? await reserveAmount(tx, order, amount, input.to) : [];
  if (amount === 0n) await requireBought(tx, order);
  const refund = await tx.orderRefund.create({
    data: {
      tenantId,
      id: refundId,
      orderId,
      amount,
      shippingAmount: shipping,
      currencyCode,
      reason,
      lines,
      restock: input.restock && lines.length > 0,
      credits,
      actorId: ctx.caller.userId,
    },
  });
  return { refund, refundId };
}

/** Items come back without money from an order whose stock is sold: not before it is, and not from a canceled order. @throws UserErrors */
async function requireBought(tx: Tx, { tenantId, id: orderId, status }: Order): Promise<void> {
  const saga = await tx.orderSaga.findFirst({ where: { tenantId, orderId }, select: { step: true } });
  const isBought = (status === 'CONFIRMED' || status === 'FULFILLED') && saga?.step !== 'COMMIT_STOCK';
  if (!isBought) throw refuse(['id'], 'INVALID_TRANSITION', `The order is ${status}, or its stock not yet sold.`);
}

/** From here on the refund is made, by recovery if not now: its client is told so, also when the database does not answer any more. */
async function knownResult(ctx: Context, orderId: string, refundId: string, reserved: OrderRefund | null) {
  try {
    return await resultOf(ctx, orderId, refundId);
  } catch (error) {
    if (!reserved || !isDatabaseUnavailable(error)) throw error;
    return { order: null, orderRefund: reserved, userErrors: [] };
  }
}

/** Waits for the result of the refund; still PENDING when the provider is slow. @throws UserErrors REFUND_DECLINED */
async function resultOf({ db, tenantId }: Context, orderId: string, refundId: string): Promise<RefundPayload> {
  const find = () => db.orderRefund.findFirstOrThrow({ where: { tenantId, id: refundId } });
  let refund = await find();
  for (const deadline = Date.now() + RESULT_TIMEOUT_MS; isFirstAttempt(refund) && Date.now() < deadline; ) {
    await sleep(POLL_MS);
    refund = await find();
  }
  if (refund.status === 'FAILED') throw refuse(['id'], 'REFUND_DECLINED', 'The provider declined the refund.');
  return { order: await db.order.findFirst({ where: { tenantId, id: orderId } }), orderRefund: refund, userErrors: [] };
}

/** Whether its first attempt is in progress. After a failure the next attempt comes later than a caller waits. */
const isFirstAttempt = ({ status, attempts }: OrderRefund) => status === 'PENDING' && attempts === 0;
