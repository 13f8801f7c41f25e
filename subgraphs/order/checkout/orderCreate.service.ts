import { payload, type UserError, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { NEW_STORE_SETTINGS } from '../../shared/storeSettings';
import { type CartToOrder, consumeCart, fillFromCart } from '../cart/checkoutCart';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import type { Order } from '../generated/prisma/client';
import type { OrderCreateInput, OrderErrorCode } from '../generated/resolvers';
import { hashOf, keyOwner, refuseGuessable, refuseOtherInput } from '../idempotency/idempotencyKey';
import { beginningsOfName } from '../orders/orderName';
import { searchTerms } from '../orders/searchTerms';
import type { LeasedSaga } from '../saga/stepResult';
import { type CheckedOrder, checkOrderCreate } from './orderInput';
import type { OrderToPrice } from './orderPrice';
import { isQuoted, keepQuote } from './orderQuote';

/** The first number that a store gives out is one more. */
const NUMBERS_START_AFTER = 1000;
const OPERATION = 'orderCreate';

/**
 * Places an order: writes it down as PENDING, then drives its saga. A repeat under the same key is answered with the same
 * order, or the same refusal.
 */
export async function orderCreate(ctx: Context, input: OrderCreateInput) {
  const created = await payload<'order', PlacedOrder, OrderErrorCode>('order', async () => {
    if (input.discountCode != null) ctx.countCodeTried();
    const { input: filled, cart } = await fillFromCart(ctx, input);
    const checked = checkOrderCreate(filled);
    refuseGuessable(ctx.caller, checked.idempotencyKey);
    return outcomeOf(ctx, await place(ctx, checked, cart));
  });
  const waitsForBuyer = created.order?.status === 'PENDING' && created.order.payment?.status === 'REQUIRES_ACTION';
  return waitsForBuyer ? { order: created.order, userErrors: [ACTION_REQUIRED] } : created;
}

/** Creates the order once it has a slot, and drives its saga. @returns its id, or that of the earlier one under its key. */
async function place(ctx: Context, checked: CheckedOrder, cart: CartToOrder | null): Promise<string> {
  const release = await ctx.admission.acquire(ctx.tenantId, ctx.gone);
  try {
    await ctx.saga.reach('before CREATE');
    const saga = ctx.caller.storeStatus === 'SUSPENDED' ? null : await writeDown(ctx, checked, cart);
    await ctx.saga.reach('after CREATE');
    if (saga) {
      await ctx.saga.start(saga, release);
      return saga.orderId;
    }
  } finally {
    release();
  }
  const orderId = await earlierOrder(ctx, checked);
  await ctx.saga.awaitOutcome(ctx.tenantId, orderId);
  return orderId;
}

/** The one user error that comes with an order: it waits for its buyer. */
const ACTION_REQUIRED: UserError<OrderErrorCode> = {
  field: ['input', 'paymentMethod'],
  code: 'PAYMENT_ACTION_REQUIRED',
  message: 'Go on with payment.clientSecret within ten minutes: the provider wants the buyer to do something first.',
};

const SUSPENDED: UserError<OrderErrorCode> = {
  field: ['input'],
  code: 'STORE_SUSPENDED',
  message: 'The store is suspended: it takes no orders until it is resumed.',
};

type PlacedOrder = Order & { payment: { status: string } | null };

async function outcomeOf(ctx: Context, orderId: string): Promise<PlacedOrder> {
  const order = await ctx.db.order.findFirstOrThrow({
    where: { tenantId: ctx.tenantId, id: orderId },
    include: { saga: { select: { refusal: true } }, payment: { select: { status: true } } },
    relationLoadStrategy: 'join',
  });
  const refusal = order.saga?.refusal;
  if (refusal) throw new UserErrors(...refusal);
  return order;
}

/**
 * All that an order begins with, in one transaction. @returns null when the key was used before: whoever wrote it drives
 * its saga.
 */
async function writeDown(ctx: Context, input: CheckedOrder, cart: CartToOrder | null): Promise<LeasedSaga | null> {
  const { tenantId, caller } = ctx;
  const orderId = newId('ord');
  const paymentToken = input.paymentToken ?? null;
  const quote = { ...input, seenPrices: cart?.seenPrices };
  const write = async (tx: Tx) => {
    const order = await insertOrder(tx, ctx, orderId, input);
    if (!order) return null;
    await refuseUnpayable(ctx, tx, input.paymentMethod);
    if (cart) await consumeCart(tx, tenantId, orderId, cart);
    const kept = await keepQuote(tx, { tenantId, orderId, email: input.email, customerId: caller.userId }, quote);
    return { ...order, quote: kept };
  };
  // An order that comes with nothing else is one statement, and needs no round trips to begin and end a transaction.
  const isAlone = !cart && !isQuoted(quote) && input.paymentMethod === 'MANUAL';
  const order = await (isAlone ? insertOrder(ctx.db, ctx, orderId, input) : ctx.db.$transaction(write));
  if (!order) return null;
  const rest = { attempts: 0, fence: 0, overdue: false, restock: true, refund: true, captureAsked: false };
  return { tenantId, orderId, step: 'RESERVE_STOCK', lines: input.lines, paymentToken, known: { order }, ...rest };
}

/** Stripe needs the platform's keys and the store's account. @throws UserErrors */
async function refuseUnpayable({ tenantId, providers }: Context, tx: Tx, method: CheckedOrder['paymentMethod']) {
  if (method === 'MANUAL') return;
  const settings = providers[method] && (await tx.paymentSettings.findFirst({ where: { tenantId } }));
  if (settings?.stripeAccountId) return;
  const message = 'The store does not take money this way.';
  throw new UserErrors<OrderErrorCode>({
    field: ['input', 'paymentMethod'],
    code: 'PAYMENT_METHOD_UNAVAILABLE',
    message,
  });
}

/**
 * The key, the order, the first line of its history, what it is found by and its saga, in one statement. Waits for a transaction that is writing
 * the same key. @returns null when the key was used before.
 */
async function insertOrder(
  tx: Db | Tx,
  { tenantId, caller, actor }: Context,
  orderId: string,
  input: CheckedOrder,
): Promise<OrderToPrice | null> {
  const terms = searchTerms([input.email, input.shippingAddress.name]);
  const [placed] = await tx.$queryRaw<{ number: number; numberPrefix: string; version: number }[]>`
    WITH store AS (
      SELECT coalesce(settings->>'orderPrefix', ${NEW_STORE_SETTINGS.orderPrefix}) AS prefix,
        coalesce(order_name_beginnings, ${beginningsOfName(NEW_STORE_SETTINGS.orderPrefix)}::text[]) AS beginnings
      FROM (SELECT ${tenantId} AS tenant_id) AS own LEFT JOIN stores USING (tenant_id)
    ), key AS (
      INSERT INTO idempotency_keys (tenant_id, caller_id, operation, key, request_hash, order_id)
      VALUES (${tenantId}, ${keyOwner(caller, input.email)}, ${OPERATION}, ${input.idempotencyKey}, ${hashOf(input)}, ${orderId})
      ON CONFLICT DO NOTHING RETURNING 1
    ), counter AS (
      INSERT INTO order_counters (tenant_id, last_number) SELECT ${tenantId}, ${NUMBERS_START_AFTER + 1} FROM key
      ON CONFLICT (tenant_id) DO UPDATE SET last_number = order_counters.last_number + 1 RETURNING last_number
    ), placed AS (
      INSERT INTO orders (tenant_id, id, number, number_prefix, email, customer_id, shipping_address, payment_method,
        buyer_note, attributes, updated_at)
      SELECT ${tenantId}, ${orderId}, last_number, prefix, ${input.email}, ${caller.userId},
        ${JSON.stringify(input.shippingAddress)}::jsonb, ${input.paymentMethod},
        ${input.buyerNote ?? null}, ${JSON.stringify(input.attributes ?? [])}::jsonb, now() FROM counter, store
      RETURNING number, number_prefix, version
    ), history AS (
      INSERT INTO order_status_history (tenant_id, id, order_id, "to", actor_id, impersonator_id)
      SELECT ${tenantId}, ${newId('ohis')}, ${orderId}, 'PENDING', ${actor.actorId}, ${actor.impersonatorId} FROM placed
    ), found_by AS (
      INSERT INTO order_search_terms (tenant_id, term, order_id)
      SELECT ${tenantId}, term, ${orderId} FROM counter, store,
        LATERAL (SELECT unnest(beginnings) || last_number
          UNION SELECT unnest(${terms}::text[])) AS terms (term)
    ), saga AS (
      INSERT INTO order_sagas (tenant_id, order_id, step, lines, payment_token)
      SELECT ${tenantId}, ${orderId}, 'RESERVE_STOCK', ${JSON.stringify(input.lines)}::jsonb, ${input.paymentToken ?? null} FROM placed
    )
    SELECT number, number_prefix AS "numberPrefix", version FROM placed`;
  if (!placed) return null;
  const { email, shippingAddress, paymentMethod } = input;
  const buyer = { email, customerId: caller.userId, shippingAddress };
  return { tenantId, id: orderId, ...placed, ...buyer, paymentMethod, quote: null };
}

/** @returns the id of the order that was placed under this key. @throws UserErrors when its input was another, or there is none. */
async function earlierOrder({ db, tenantId, caller }: Context, input: CheckedOrder): Promise<string> {
  const { idempotencyKey: key, email } = input;
  const earlier = await db.idempotencyKey.findFirst({
    where: { tenantId, callerId: keyOwner(caller, email), operation: OPERATION, key },
  });
  if (!earlier) throw new UserErrors(SUSPENDED);
  refuseOtherInput(earlier.requestHash, hashOf(input));
  return earlier.orderId;
}
