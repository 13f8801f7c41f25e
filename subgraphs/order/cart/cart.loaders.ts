import DataLoader from 'dataloader';
import type { Context } from '../context';
import type { Cart } from '../generated/prisma/client';
import { type PricedCart, priceCart } from './pricedCart';

export interface CartLoaders {
  /** By the row itself, not its id: after another change in the same request there is another row. */
  pricedCart: DataLoader<Cart, PricedCart>;
}

/** Whatever of a cart is asked for, it is priced once. */
export function createCartLoaders(ctx: Context): CartLoaders {
  return { pricedCart: new DataLoader((carts) => Promise.all(carts.map((cart) => priceCart(ctx, cart)))) };
}
