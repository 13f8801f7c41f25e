import type { Cart } from '../generated/prisma/client';
import { loader } from '../loader';
import type { CartContext } from './cartContext';
import { type PricedCart, priceCart } from './priceCart';

/**
 * A cart is priced once in a request, however many of its fields are read. By the row itself and not by its id: after another mutation
 * of the same request there is another row.
 */
export const pricedCart = loader<PricedCart, Cart, CartContext>((ctx, carts) =>
  Promise.all(carts.map((cart) => priceCart(ctx, cart))),
);
