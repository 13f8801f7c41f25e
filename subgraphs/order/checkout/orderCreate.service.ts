import { createHash } from 'node:crypto';
import { payload, type UserError, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order, OrderSaga } from '../generated/prisma/client';
import type { OrderCreateInput, OrderErrorCode } from '../generated/resolvers';
import { type CheckedOrder, checkOrderCreate } from './orderInput';
import { keepQuote } from './orderQuote';

/** The first number that a store gives out is one more. */
const NUMBERS_START_AFTER = 1000;
const OPERATION = 'orderCreate';

/**
 * Places an order: writes it down as PENDING, then drives its saga. A repeat under the same key is answered with the same
 * order, or the same refusal.
 */
export function orderCreate(ctx: Context, input: OrderCreateInput) {
  return payload<'order', Order, OrderErrorCode>('order', async () => {
    const { orderId, saga } = await writeDown(ctx, checkOrderCreate(input));
    if (saga) await ctx.saga.start(saga);
    else await ctx.saga.awaitOutcome(ctx.tenantId, orderId);
    return outcomeOf(ctx, orderId);
  });
}

async function outcomeOf(ctx: Context, orderId: string): Promise<Order> {
  const order = await ctx.db.order.findFirstOrThrow({
    where: { tenantId: ctx.tenantId, id: orderId },
    include: { saga: { select: { refusal: true } } },
    relationLoadStrategy: 'join',
  });
  const refusal = order.saga?.refusal as UserError<OrderErrorCode>[] | null | undefined;
  if (refusal) throw new UserErrors(...refusal);
  return order;
}

interface WrittenOrder {
  orderId: string;
  /** Null when the order was there already: whoever wrote it drives its saga. */
  saga: OrderSaga | null;
}

/** One transaction: the key, the order, the first line of its history and its saga, all or none. */
function writeDown(ctx: Context, input: CheckedOrder): Promise<WrittenOrder> {
  const { tenantId, caller } = ctx;
  const callerId = caller.userId ?? 'guest';
  const requestHash = createHash('sha256').update(JSON.stringify(input)).digest('hex');
  const orderId = newId('ord');
  return ctx.db.$transaction(async (tx) => {
    // Waits here for a transaction that is writing the same key.
    const { count } = await tx.idempotencyKey.createMany({
      data: [{ tenantId, callerId, operation: OPERATION, key: input.idempotencyKey, requestHash, orderId }],
      skipDuplicates: true,
    });
    if (count === 0) return earlierOrder(ctx, tx, input.idempotencyKey, callerId, requestHash);

    const { lastNumber } = await tx.orderCounter.upsert({
      where: { tenantId },
      create: { tenantId, lastNumber: NUMBERS_START_AFTER + 1 },
      update: { lastNumber: { increment: 1 } },
    });
    await tx.order.create({
      data: {
        tenantId,
        id: orderId,
        number: lastNumber,
        email: input.email,
        customerId: caller.userId,
        shippingAddress: { ...input.shippingAddress },
        paymentMethod: input.paymentMethod,
      },
    });
    await tx.orderStatusHistory.create({
      data: { tenantId, id: newId('ohis'), orderId, from: null, to: 'PENDING', actorId: caller.userId },
    });
    await keepQuote(tx, { tenantId, orderId, email: input.email, customerId: caller.userId }, input);
    const saga = await tx.orderSaga.create({ data: { tenantId, orderId, step: 'RESERVE_STOCK', lines: input.lines } });
    return { orderId, saga };
  });
}

async function earlierOrder(ctx: Context, tx: Tx, key: string, callerId: string, requestHash: string) {
  const earlier = await tx.idempotencyKey.findFirstOrThrow({
    where: { tenantId: ctx.tenantId, callerId, operation: OPERATION, key },
  });
  if (earlier.requestHash !== requestHash) {
    const message = 'This key was used for another input. Take a new key for a new purchase.';
    throw new UserErrors({ field: ['input', 'idempotencyKey'], code: 'IDEMPOTENCY_CONFLICT', message });
  }
  return { orderId: earlier.orderId, saga: null };
}
