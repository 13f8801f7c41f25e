import { serviceUnavailable } from '../../shared/errors';
import { readInput } from '../../shared/inputReader';
import { payload, refusal } from '../../shared/userErrors';
import type { Cart } from '../generated/prisma/client';
import type { CartShippingOptionSelectInput, ShippingDestinationInput, UserErrorCode } from '../generated/resolvers';
import type { ShippingOption } from '../pricing/shipping';
import { readDestination } from '../shipping/destinationInput';
import { cartBeforeHooks, pricedCart } from './cart.loaders';
import type { CartContext } from './cartContext';
import { shippingOptionSelect } from './cartInput';
import { changeCart, findOpenCart } from './openCart';
import { shippingElsewhere } from './priceCart';

/** @param destination instead of the cart's address. @throws GraphQLError BAD_USER_INPUT for one that can't be read. */
export async function cartShippingOptions(
  ctx: CartContext,
  cart: Cart,
  destination: ShippingDestinationInput | null | undefined,
): Promise<ShippingOption[]> {
  if (!destination) return (await pricedCart(ctx).load(cart)).cost?.pricing.shippingOptions ?? [];
  const { cost, lines } = await cartBeforeHooks(ctx).load(cart);
  return cost ? shippingElsewhere(ctx, cart, lines, readDestination(destination)) : [];
}

/** Keeps the buyer's choice, which is one that is offered for the cart now. */
export function cartShippingOptionSelect(ctx: CartContext, id: string, input: CartShippingOptionSelectInput) {
  return payload<'cart', Cart, UserErrorCode>('cart', async () => {
    const { shippingOptionId } = readInput(shippingOptionSelect, { shippingOptionId: null, ...input });
    // Before the transaction: within it, a database connection would be held during the call of the catalog.
    const cart = await findOpenCart(ctx.db, ctx, id);
    if (cart && shippingOptionId !== null) await requireOffered(ctx, cart, shippingOptionId);
    return changeCart(ctx, id, input.expectedVersion, async (tx) => {
      await tx.cart.updateMany({ where: { tenantId: ctx.tenantId, id }, data: { shippingOptionId } });
    });
  });
}

async function requireOffered(ctx: CartContext, cart: Cart, optionId: string): Promise<void> {
  const { cost, warnings } = await pricedCart(ctx).load(cart);
  if (warnings.some(({ code }) => code === 'CATALOG_UNAVAILABLE')) throw serviceUnavailable();
  if (cost?.pricing.shippingOptions.some(({ rate }) => rate.id === optionId)) return;
  const message = 'This is none of the shipping options for this cart and its address.';
  throw refusal<UserErrorCode>(['input', 'shippingOptionId'], 'SHIPPING_OPTION_UNAVAILABLE', message);
}
