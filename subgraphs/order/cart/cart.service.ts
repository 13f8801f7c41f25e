import { checkInput, readInput } from '../../shared/inputReader';
import { payload } from '../../shared/userErrors';
import type { Context } from '../context';
import { countCodeAttempts } from '../discount/codeAttempts';
import { type Cart, Prisma } from '../generated/prisma/client';
import type {
  CartAttributesUpdateInput,
  CartBillingAddressUpdateInput,
  CartBuyerIdentityUpdateInput,
  CartBuyerNoteUpdateInput,
  CartCreateInput,
  CartDiscountCodesUpdateInput,
  CartShippingAddressUpdateInput,
  UserErrorCode,
} from '../generated/resolvers';
import type { CartContext } from './cartContext';
import { newCartId } from './cartId';
import {
  attributesUpdate,
  billingAddressUpdate,
  buyerIdentity,
  cartCreated,
  discountCodesUpdate,
  noteUpdate,
  shippingAddressUpdate,
} from './cartInput';
import { addLines, withSeenPrices } from './cartLines';
import { changeCart } from './openCart';

const cartPayload = (work: () => Promise<Cart>) => payload<'cart', Cart, UserErrorCode>('cart', work);

export function cartCreate(ctx: CartContext, input: CartCreateInput) {
  return cartPayload(async () => {
    const { data, faults } = checkInput<typeof cartCreated, UserErrorCode>(cartCreated, input);
    // Also where something else is wrong, the variants are looked up: the client is told of all at once.
    const { lines } = data ?? checkInput(cartCreated.pick({ lines: true }), input).data ?? { lines: [] };
    const pricedLines = await withSeenPrices(ctx, lines, faults);
    if (!data) throw new Error('An input without faults was read');
    const { email, shippingAddress, billingAddress, buyerNote, attributes, discountCodes } = data;
    await countCodeAttempts(ctx, discountCodes);
    const { db, tenantId, caller } = ctx;
    const id = newCartId();
    return db.$transaction(async (tx) => {
      const cart = await tx.cart.create({
        data: {
          tenantId,
          id,
          customerId: caller.userId,
          email: email ?? null,
          buyerNote: buyerNote ?? null,
          attributes,
          shippingAddress: shippingAddress ?? Prisma.DbNull,
          billingAddress: billingAddress ?? Prisma.DbNull,
          discountCodes,
        },
      });
      if (pricedLines.length > 0) await addLines(tx, tenantId, id, pricedLines);
      return cart;
    });
  });
}

type Changes = Prisma.CartUpdateManyMutationInput;

/** Changes columns of a cart. */
function updateCart(
  ctx: Context,
  id: string,
  expectedVersion: number | null | undefined,
  read: () => Changes | Promise<Changes>,
) {
  return cartPayload(async () => {
    const data = await read();
    return changeCart(ctx, id, expectedVersion, async (tx) => {
      await tx.cart.updateMany({ where: { tenantId: ctx.tenantId, id }, data });
    });
  });
}

export function cartBuyerIdentityUpdate(ctx: Context, id: string, input: CartBuyerIdentityUpdateInput) {
  return updateCart(ctx, id, input.expectedVersion, () => readInput(buyerIdentity, input));
}

export function cartShippingAddressUpdate(ctx: Context, id: string, input: CartShippingAddressUpdateInput) {
  return updateCart(ctx, id, input.expectedVersion, () => ({
    shippingAddress: readInput(shippingAddressUpdate, input).shippingAddress ?? Prisma.DbNull,
  }));
}

export function cartBillingAddressUpdate(ctx: Context, id: string, input: CartBillingAddressUpdateInput) {
  return updateCart(ctx, id, input.expectedVersion, () => ({
    billingAddress: readInput(billingAddressUpdate, input).billingAddress ?? Prisma.DbNull,
  }));
}

export function cartBuyerNoteUpdate(ctx: Context, id: string, input: CartBuyerNoteUpdateInput) {
  return updateCart(ctx, id, input.expectedVersion, () => readInput(noteUpdate, input));
}

export function cartAttributesUpdate(ctx: Context, id: string, input: CartAttributesUpdateInput) {
  return updateCart(ctx, id, input.expectedVersion, () => readInput(attributesUpdate, input));
}

/** Codes are kept whether the store has them or not; which apply shows in Cart.discountCodes. */
export function cartDiscountCodesUpdate(ctx: CartContext, id: string, input: CartDiscountCodesUpdateInput) {
  return updateCart(ctx, id, input.expectedVersion, async () => {
    const { discountCodes } = readInput(discountCodesUpdate, input);
    await countCodeAttempts(ctx, discountCodes);
    return { discountCodes };
  });
}
