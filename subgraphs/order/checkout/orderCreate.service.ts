import { requireSameRequest } from '../../shared/idempotency';
import { newId } from '../../shared/ids';
import { payload, refusal, type UserError, UserErrors } from '../../shared/userErrors';
import { type CartToOrder, consumeCart, fillFromCart } from '../cart/cartToOrder';
import type { HookAnswers } from '../checkoutHook/applyHooks';
import type { Tx } from '../database';
import { countCodeAttempts } from '../discount/codeAttempts';
import { redeemCodes } from '../discount/redeemCode';
import type { Order } from '../generated/prisma/client';
import type { OrderCreateInput, UserErrorCode } from '../generated/resolvers';
import { keyOwner } from '../idempotency/keyOwner';
import { accountOf } from '../input/accountOf';
import { isPayable } from '../paymentMethod/fitsOrder';
import { usableKinds } from '../paymentMethod/methodKinds';
import { addressFaults } from './addressNeeded';
import { askBeforeOrder } from './askBeforeOrder';
import type { CheckoutContext } from './checkoutContext';
import type { CheckoutSaga } from './checkoutSaga';
import { insertOrder, OPERATION } from './insertOrder';
import { nextTry } from './nextTry';
import { type CheckedOrder, checkOrderCreate } from './orderInput';
import { METHOD_UNAVAILABLE } from './orderPrice';
import { isQuoted, keepQuote, shownDue } from './orderQuote';

const refuse = refusal<UserErrorCode>;

type OrderWithPayment = Order & { payment: { status: string } | null };

/**
 * Places an order: writes it as PENDING, then drives its saga. A repeat under the same idempotency key is answered with the same order, or
 * the same refusal.
 */
export async function orderCreate(ctx: CheckoutContext, input: OrderCreateInput) {
  let isDecided = false;
  const { order, userErrors } = await payload<'order', OrderWithPayment, UserErrorCode>('order', async () => {
    await countCodeAttempts(ctx, input.discountCodes ?? []);
    const { input: filled, cart } = await fillFromCart(ctx, input);
    const checked = checkOrderCreate(filled, ctx.caller, await addressFaults(ctx, filled));
    const orderId = await placeOrder(ctx, checked, cart);
    isDecided = true;
    return readResult(ctx, orderId);
  });
  if (!order) return { order, userErrors, ...nextTry(userErrors, input.idempotencyKey, isDecided) };
  const { idempotencyKey: nextIdempotencyKey } = input;
  if (order.status !== 'PENDING')
    return { order, userErrors, retryable: false, nextStep: null, nextIdempotencyKey: null };
  if (order.payment?.status !== 'REQUIRES_ACTION') {
    return { order, userErrors, retryable: true, nextStep: 'WAIT' as const, nextIdempotencyKey };
  }
  const nextStep = 'COMPLETE_PAYMENT' as const;
  return { order, userErrors: [ACTION_REQUIRED], retryable: true, nextStep, nextIdempotencyKey };
}

/** The one user error that comes with an order. */
const ACTION_REQUIRED: UserError<UserErrorCode> = {
  field: ['input', 'paymentMethodId'],
  code: 'PAYMENT_ACTION_REQUIRED',
  message: 'Go on with payment.clientSecret within ten minutes: the provider wants the buyer to do something first.',
};

/** @returns the id of the new order; or of the one that was placed under the same key before. */
async function placeOrder(ctx: CheckoutContext, checked: CheckedOrder, cart: CartToOrder | null): Promise<string> {
  const placed = await startOrder(ctx, checked, cart, null);
  if (placed !== null) return placed;
  // A repeat asks no hook, and neither does a store without any: there, writing the order again costs one statement.
  if (ctx.caller.storeStatus !== 'SUSPENDED' && !(await findEarlier(ctx, checked))) {
    const asked = await startOrder(ctx, checked, cart, await askBeforeOrder(ctx, checked));
    if (asked !== null) return asked;
  }
  const orderId = await earlierOrder(ctx, checked);
  await ctx.services.saga.awaitDecision(ctx.tenantId, orderId);
  return orderId;
}

/** @returns the id of the new order; null when it is not written, see {@link writePending}. */
async function startOrder(
  ctx: CheckoutContext,
  checked: CheckedOrder,
  cart: CartToOrder | null,
  answers: HookAnswers | null,
): Promise<string | null> {
  const { admission, saga: engine } = ctx.services;
  const release = await admission.acquire(ctx.tenantId, ctx.clientAbortSignal);
  try {
    await engine.reach('before CREATE');
    const saga = ctx.caller.storeStatus === 'SUSPENDED' ? null : await writePending(ctx, checked, cart, answers);
    await engine.reach('after CREATE');
    if (saga) await engine.start(saga, release);
    return saga?.orderId ?? null;
  } finally {
    release();
  }
}

async function readResult(ctx: CheckoutContext, orderId: string): Promise<OrderWithPayment> {
  const order = await ctx.db.order.findFirstOrThrow({
    where: { tenantId: ctx.tenantId, id: orderId },
    include: { saga: { select: { refusal: true } }, payment: { select: { status: true } } },
    relationLoadStrategy: 'join',
  });
  if (order.saga?.refusal) throw new UserErrors(...order.saga.refusal);
  return order;
}

/**
 * Writes an order and its saga in one transaction. @param answers of the store's hooks; null when they were not asked.
 * @returns the saga with its lease; null when the key was used before, the payment method can't be used, or the store has hooks that were
 * not asked.
 */
async function writePending(
  ctx: CheckoutContext,
  input: CheckedOrder,
  cart: CartToOrder | null,
  answers: HookAnswers | null,
): Promise<CheckoutSaga | null> {
  const { tenantId, caller } = ctx;
  const orderId = newId('ord');
  const { email } = input;
  const codes = input.discountCodes ?? [];
  const quote = {
    expectedTotal: input.expectedTotal,
    seenPrices: cart?.seenPrices,
    seenCost: cart?.seenCost,
    credit: cart?.credit,
    hookAnswers: answers?.hooks.length ? answers : null,
  };
  const isAsked = answers !== null;
  const kinds = usableKinds(ctx.services.providers);
  const due = shownDue(quote);
  const write = async (tx: Tx) => {
    const order = await insertOrder(tx, ctx, orderId, input, kinds, isAsked);
    if (!order) return null;
    if (cart) await consumeCart(tx, tenantId, orderId, cart);
    // Another sum than was shown is refused anyway: so nothing is reserved, and this writes nothing.
    if (due && !isPayable(order.method, due)) throw new UserErrors(METHOD_UNAVAILABLE);
    await redeemCodes(tx, { tenantId, orderId, codes, email, customerId: accountOf(caller) });
    return { ...order, quote: await keepQuote(tx, { tenantId, orderId }, quote) };
  };
  // A single statement is atomic without BEGIN and COMMIT: that saves two round trips.
  const isOneStatement = !cart && codes.length === 0 && !isQuoted(quote);
  const order = await (isOneStatement
    ? insertOrder(ctx.db, ctx, orderId, input, kinds, isAsked)
    : ctx.db.$transaction(write));
  if (!order) return null;
  return {
    tenantId,
    orderId,
    step: 'RESERVE_STOCK',
    lines: input.lines,
    paymentToken: input.paymentToken ?? null,
    attempts: 0,
    fence: 0,
    overdue: false,
    restock: true,
    refund: true,
    memo: { order },
  };
}

/** @returns the id of the order that was placed under this key. @throws UserErrors when there is none, or its input was different. */
async function earlierOrder(ctx: CheckoutContext, input: CheckedOrder): Promise<string> {
  const { caller } = ctx;
  const earlier = await findEarlier(ctx, input);
  if (earlier) return requireSameRequest(earlier, input).orderId;
  if (caller.storeStatus === 'SUSPENDED') {
    throw refuse(['input'], 'STORE_SUSPENDED', 'The store is suspended: it takes no orders until it is resumed.');
  }
  // Nothing else keeps an order with a new key from being written.
  throw new UserErrors(METHOD_UNAVAILABLE);
}

const findEarlier = ({ db, tenantId, caller }: CheckoutContext, { idempotencyKey: key, email }: CheckedOrder) =>
  db.idempotencyKey.findFirst({ where: { tenantId, callerId: keyOwner(caller, email), operation: OPERATION, key } });
