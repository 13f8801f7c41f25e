import type { Cart } from '../generated/prisma/client';
import { loader } from '../loader';
import type { CartContext } from './cartContext';
import { type CartBeforeHooks, type PricedCart, priceCart, withHooks } from './priceCart';

/**
 * Prices a cart once per request, however many of its fields are read. The key is the row, not its id: another mutation of the same
 * request makes a new row object.
 */
export const cartBeforeHooks = loader<CartBeforeHooks, Cart, CartContext>((ctx, carts) =>
  Promise.all(carts.map((cart) => priceCart(ctx, cart))),
);

/** The cart with what its store's hooks answer. Only for fields that depend on it: a request that reads none of them asks nobody. */
export const pricedCart = loader<PricedCart, Cart, CartContext>((ctx, carts) =>
  Promise.all(carts.map(async (cart) => withHooks(ctx, cart, await cartBeforeHooks(ctx).load(cart)))),
);
