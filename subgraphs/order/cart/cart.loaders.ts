import type { Cart } from '../generated/prisma/client';
import { loader } from '../loader';
import type { CartContext } from './cartContext';
import { type PricedCart, priceCart } from './priceCart';

/**
 * Prices a cart once per request, however many of its fields are read. The key is the row, not its id: another mutation of the same
 * request makes a new row object.
 */
export const pricedCart = loader<PricedCart, Cart, CartContext>((ctx, carts) =>
  Promise.all(carts.map((cart) => priceCart(ctx, cart))),
);
