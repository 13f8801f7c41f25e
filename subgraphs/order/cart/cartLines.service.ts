import { serviceUnavailable } from '../../shared/errors';
import { readInput } from '../../shared/inputReader';
import { notFound, payload, throwIfAny } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Cart } from '../generated/prisma/client';
import type {
  CartLinesAddInput,
  CartLinesRemoveInput,
  CartLinesUpdateInput,
  CartPricesConfirmInput,
  UserErrorCode,
} from '../generated/resolvers';
import { pricedCart } from './cart.loaders';
import type { CartContext } from './cartContext';
import { linesAdd, linesRemove, linesUpdate } from './cartInput';
import { addLines, variantsOrNull, withSeenPrices } from './cartLines';
import { changeCart, findOpenCart } from './openCart';
import { keepSeenCost } from './seenCost';

const cartPayload = (work: () => Promise<Cart>) => payload<'cart', Cart, UserErrorCode>('cart', work);

export function cartLinesAdd(ctx: CartContext, id: string, input: CartLinesAddInput) {
  return cartPayload(async () => {
    // Before the transaction: within it, a database connection would be held during the call of the catalog.
    const lines = await withSeenPrices(ctx, readInput(linesAdd, input).lines);
    return changeCart(ctx, id, input.expectedVersion, (tx) => addLines(tx, ctx.tenantId, id, lines));
  });
}

export function cartLinesUpdate(ctx: Context, id: string, input: CartLinesUpdateInput) {
  return cartPayload(async () => {
    const { lines } = readInput(linesUpdate, input);
    // When a line is named twice, the last quantity counts.
    const quantities = new Map(lines.map((line) => [line.id, line.quantity]));
    const updates = [...quantities].map(([lineId, quantity]) => ({ id: lineId, quantity }));
    const removed = updates.filter(({ quantity }) => quantity === 0).map((line) => line.id);
    const changed = updates.filter(({ quantity }) => quantity > 0);
    return changeCart(ctx, id, input.expectedVersion, async (tx) => {
      const where = { tenantId: ctx.tenantId, cartId: id };
      const found = await tx.cartLine.findMany({ where: { ...where, id: { in: [...quantities.keys()] } } });
      refuseUnknown(lines, found, (index) => ['input', 'lines', String(index), 'id']);
      await tx.cartLine.deleteMany({ where: { ...where, id: { in: removed } } });
      await tx.$executeRaw`
        UPDATE cart_lines SET quantity = changed.quantity
        FROM jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) AS changed (id text, quantity int)
        WHERE tenant_id = ${ctx.tenantId} AND cart_id = ${id} AND cart_lines.id = changed.id`;
    });
  });
}

export function cartLinesRemove(ctx: Context, id: string, input: CartLinesRemoveInput) {
  return cartPayload(async () => {
    const { lineIds } = readInput(linesRemove, input);
    return changeCart(ctx, id, input.expectedVersion, async (tx) => {
      const where = { tenantId: ctx.tenantId, cartId: id, id: { in: lineIds } };
      const removed = await tx.cartLine.findMany({ where, select: { id: true } });
      refuseUnknown(
        lineIds.map((lineId) => ({ id: lineId })),
        removed,
        (index) => ['input', 'lineIds', String(index)],
      );
      await tx.cartLine.deleteMany({ where });
    });
  });
}

/** Stores the current prices and sums as the ones that the buyer was shown. */
export function cartPricesConfirm(ctx: CartContext, id: string, input: CartPricesConfirmInput) {
  return cartPayload(async () => {
    const { tenantId } = ctx;
    const cart = await findOpenCart(ctx.db, ctx, id);
    // Finds no lines without a cart: changeCart below throws NOT_FOUND then.
    const lines = cart
      ? await ctx.db.cartLine.findMany({ where: { tenantId, cartId: id }, select: { variantId: true } })
      : [];
    const variants = await variantsOrNull(
      ctx,
      lines.map(({ variantId }) => variantId),
    );
    if (!variants) throw serviceUnavailable();
    const prices = [...variants.values()].map((variant) => ({
      id: variant.id,
      amount: variant.price.minorUnits.toString(),
      currency: variant.price.currencyCode,
    }));
    const confirmed = await changeCart(ctx, id, input.expectedVersion, async (tx) => {
      await tx.$executeRaw`
        UPDATE cart_lines SET seen_price_amount = price.amount, seen_currency_code = price.currency
        FROM jsonb_to_recordset(${JSON.stringify(prices)}::jsonb) AS price (id text, amount bigint, currency text)
        WHERE tenant_id = ${tenantId} AND cart_id = ${id} AND variant_id = price.id`;
    });
    await keepSeenCost(ctx, confirmed, (await pricedCart(ctx).load(confirmed)).cost);
    return confirmed;
  });
}

function refuseUnknown(named: { id: string }[], found: { id: string }[], fieldOf: (index: number) => string[]): void {
  const known = new Set(found.map(({ id }) => id));
  throwIfAny(named.flatMap(({ id }, index) => (known.has(id) ? [] : [notFound('line of this cart', fieldOf(index))])));
}
