import { UserErrors } from '../../shared/errors';
import { formatMoney } from '../../shared/money';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { CartLine } from '../generated/prisma/client';
import type { OrderCreateInput, OrderErrorCode } from '../generated/resolvers';
import { findCartForCheckout } from './openCart';

/** A cart as it was read to make an order of it. */
export interface CartToOrder {
  cartId: string;
  /** What is ordered is this version of it, and no other. */
  version: number;
  /** By variant: what its buyer was shown; what is missing was not. */
  seenPrices: Record<string, { amount: string; currencyCode: string }>;
}

/**
 * Fills an order's input from the cart that it names; what the input gives itself counts. Where it names none the input is
 * as it was. @throws UserErrors
 */
export async function fillFromCart(
  ctx: Context,
  input: OrderCreateInput,
): Promise<{ input: OrderCreateInput; cart: CartToOrder | null }> {
  const { cartId } = input;
  if (cartId == null) return { input, cart: null };
  if (input.lines != null) throw refusal('lines', 'INVALID', 'Expected either a cart or lines.');
  const cart = await findCartForCheckout(ctx.db, ctx, cartId);
  if (!cart) throw refusal('cartId', 'NOT_FOUND', 'There is no such cart.');
  const lines = await ctx.db.cartLine.findMany({ where: { tenantId: ctx.tenantId, cartId }, orderBy: { id: 'asc' } });
  if (lines.length === 0) throw refusal('cartId', 'REQUIRED', 'The cart is empty.');
  return {
    input: {
      ...input,
      lines: lines.map(({ variantId, quantity }) => ({ variantId, quantity })),
      email: input.email ?? cart.email,
      shippingAddress: input.shippingAddress ?? cart.shippingAddress,
      discountCode: input.discountCode ?? cart.discountCode,
      ...(cart.note !== null && { buyerNote: input.buyerNote ?? cart.note }),
      ...(cart.attributes.length > 0 && { attributes: input.attributes ?? cart.attributes }),
    },
    cart: { cartId, version: cart.version, seenPrices: Object.fromEntries(lines.flatMap(seenOf)) },
  };
}

const seenOf = ({ variantId, seenPriceAmount, seenCurrencyCode }: CartLine) =>
  seenPriceAmount === null || seenCurrencyCode === null
    ? []
    : [[variantId, formatMoney({ minorUnits: seenPriceAmount, currencyCode: seenCurrencyCode })] as const];

/** The cart becomes the order that this transaction writes: once, and as it was read. @throws UserErrors */
export async function consumeCart(tx: Tx, tenantId: string, orderId: string, cart: CartToOrder): Promise<void> {
  const { cartId, version } = cart;
  const { count } = await tx.cart.updateMany({
    where: { tenantId, id: cartId, version, orderId: null },
    data: { orderId, version: { increment: 1 } },
  });
  if (count > 0) return;
  const current = await tx.cart.findFirst({ where: { tenantId, id: cartId }, select: { orderId: true } });
  if (current?.orderId) throw refusal('cartId', 'CART_CHECKED_OUT', 'This cart became an order already.');
  throw refusal('cartId', 'STALE_VERSION', 'The cart has changed meanwhile: look at it, and order again.');
}

/** An order that was refused leaves its cart as it was. */
export async function reopenCart(tx: Tx, tenantId: string, orderId: string): Promise<void> {
  await tx.cart.updateMany({ where: { tenantId, orderId }, data: { orderId: null, version: { increment: 1 } } });
}

const refusal = (name: string, code: OrderErrorCode, message: string) =>
  new UserErrors<OrderErrorCode>({ field: ['input', name], code, message });
