import { formatMoney } from '../../shared/money';
import { refusal } from '../../shared/userErrors';
import type { Context } from '../context';
import type { WantedCredit } from '../credit/wantedCredit';
import type { Tx } from '../database';
import type { Cart, CartLine } from '../generated/prisma/client';
import type { OrderCreateInput, UserErrorCode } from '../generated/resolvers';
import { billingAddressOf } from '../input/addresses';
import { creditOfCart } from './cartCredit';
import { findCartForCheckout } from './openCart';

const refuse = refusal<UserErrorCode>;

/** A cart as it was read to place an order from it. */
export interface CartToOrder {
  cartId: string;
  /** Optimistic locking: the order is refused when the cart has another version by then. */
  version: number;
  /** The prices that the buyer was shown, by variant; none for a variant whose price was not known. */
  seenPrices: Record<string, { amount: string; currencyCode: string }>;
  /** The sums that the buyer was shown; null when they were shown none. */
  seenCost: Cart['seenCost'];
  /** What the buyer pays with; null for neither gift cards nor store credit. */
  credit: WantedCredit | null;
}

/**
 * Completes an order's input from the cart that it names; the input's own fields take precedence. An input without a cart is returned
 * unchanged. @throws UserErrors
 */
export async function fillFromCart(
  ctx: Context,
  input: OrderCreateInput,
): Promise<{ input: OrderCreateInput; cart: CartToOrder | null }> {
  const { cartId } = input;
  if (cartId == null) return { input, cart: null };
  if (input.lines != null) throw refuse(['input', 'lines'], 'INVALID', 'Expected either a cart or lines.');
  const cart = await findCartForCheckout(ctx.db, ctx, cartId);
  if (!cart) throw refuse(CART_ID, 'NOT_FOUND', 'No such cart.');
  const lines = await ctx.db.cartLine.findMany({ where: { tenantId: ctx.tenantId, cartId }, orderBy: { id: 'asc' } });
  if (lines.length === 0) throw refuse(CART_ID, 'REQUIRED', 'The cart is empty.');
  const billingAddress = billingAddressOf(cart);
  return {
    input: {
      ...input,
      lines: lines.map(({ variantId, quantity, attributes }) => ({ variantId, quantity, attributes })),
      email: input.email ?? cart.email,
      shippingAddress: input.shippingAddress ?? cart.shippingAddress,
      ...(billingAddress && { billingAddress: input.billingAddress ?? billingAddress }),
      ...(cart.shippingOptionId !== null && { shippingOptionId: input.shippingOptionId ?? cart.shippingOptionId }),
      ...(cart.discountCodes.length > 0 && { discountCodes: input.discountCodes ?? cart.discountCodes }),
      ...(cart.buyerNote !== null && { buyerNote: input.buyerNote ?? cart.buyerNote }),
      ...(cart.attributes.length > 0 && { attributes: input.attributes ?? cart.attributes }),
    },
    cart: {
      cartId,
      version: cart.version,
      seenPrices: Object.fromEntries(lines.flatMap(seenPriceOf)),
      seenCost: cart.seenCost,
      credit: creditOfCart(ctx, cart),
    },
  };
}

const CART_ID = ['input', 'cartId'];

const seenPriceOf = ({ variantId, seenPriceAmount, seenCurrencyCode }: CartLine) =>
  seenPriceAmount === null || seenCurrencyCode === null
    ? []
    : [[variantId, formatMoney({ minorUnits: seenPriceAmount, currencyCode: seenCurrencyCode })] as const];

/** Marks the cart as ordered by the order that this transaction writes, unless it was ordered or changed since it was read. @throws UserErrors */
export async function consumeCart(tx: Tx, tenantId: string, orderId: string, cart: CartToOrder): Promise<void> {
  const { cartId, version } = cart;
  const { count } = await tx.cart.updateMany({
    where: { tenantId, id: cartId, version, orderId: null },
    data: { orderId, version: { increment: 1 } },
  });
  if (count > 0) return;
  const current = await tx.cart.findFirst({ where: { tenantId, id: cartId }, select: { orderId: true } });
  if (current?.orderId) throw refuse(CART_ID, 'CART_CHECKED_OUT', 'This cart became an order already.');
  throw refuse(CART_ID, 'STALE_VERSION', 'The cart has changed since it was read: look at it, and order again.');
}

/** After an order was refused: the cart is open again, so that the buyer can retry. */
export async function reopenCart(tx: Tx, tenantId: string, orderId: string): Promise<void> {
  await tx.cart.updateMany({ where: { tenantId, orderId }, data: { orderId: null, version: { increment: 1 } } });
}
