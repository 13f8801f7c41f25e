import { payload, serviceUnavailable, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Cart } from '../generated/prisma/client';
import type {
  CartErrorCode,
  CartLinesAddInput,
  CartLinesRemoveInput,
  CartLinesUpdateInput,
  CartPricesConfirmInput,
} from '../generated/resolvers';
import { readInput } from '../input/readInput';
import { linesAdd, linesRemove, linesUpdate } from './cartInput';
import { addLines, variantsOrNull, withSeenPrices } from './cartLines';
import { changeCart, findOpenCart } from './openCart';

const cartPayload = (work: () => Promise<Cart>) => payload<'cart', Cart, CartErrorCode>('cart', work);

export function cartLinesAdd(ctx: Context, id: string, input: CartLinesAddInput) {
  return cartPayload(async () => {
    // Before the transaction: nobody else's cart waits for the catalog.
    const lines = await withSeenPrices(ctx, readInput(linesAdd, input).lines);
    return changeCart(ctx, id, input.expectedVersion, (tx) => addLines(tx, ctx.tenantId, id, lines));
  });
}

export function cartLinesUpdate(ctx: Context, id: string, input: CartLinesUpdateInput) {
  return cartPayload(async () => {
    const { lines } = readInput(linesUpdate, input);
    const quantities = new Map(lines.map((line) => [line.id, line.quantity]));
    const idsWhere = (keep: boolean) =>
      [...quantities].filter(([, left]) => left > 0 === keep).map(([lineId]) => lineId);
    return changeCart(ctx, id, input.expectedVersion, async (tx) => {
      const ofCart = { tenantId: ctx.tenantId, cartId: id };
      const known = await tx.cartLine.findMany({ where: { ...ofCart, id: { in: [...quantities.keys()] } } });
      refuseUnknown(lines, known, (index) => ['input', 'lines', String(index), 'id']);
      await tx.cartLine.deleteMany({ where: { ...ofCart, id: { in: idsWhere(false) } } });
      const wanted = idsWhere(true).map((lineId) => ({ id: lineId, quantity: quantities.get(lineId) }));
      await tx.$executeRaw`
        UPDATE cart_lines SET quantity = wanted.quantity
        FROM jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) AS wanted (id text, quantity int)
        WHERE tenant_id = ${ctx.tenantId} AND cart_id = ${id} AND cart_lines.id = wanted.id`;
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

/** The buyer has seen what all of it costs now: that is what they order at. */
export function cartPricesConfirm(ctx: Context, id: string, input: CartPricesConfirmInput) {
  return cartPayload(async () => {
    const { tenantId } = ctx;
    const cart = await findOpenCart(ctx.db, ctx, id);
    const held = cart
      ? await ctx.db.cartLine.findMany({ where: { tenantId, cartId: id }, select: { variantId: true } })
      : [];
    const live = await variantsOrNull(
      ctx,
      held.map(({ variantId }) => variantId),
    );
    if (!live) throw serviceUnavailable();
    const prices = [...live.values()].map((variant) => ({
      ...{ id: variant.id, amount: variant.price.minorUnits.toString(), currency: variant.price.currencyCode },
    }));
    return changeCart(ctx, id, input.expectedVersion, async (tx) => {
      await tx.$executeRaw`
        UPDATE cart_lines SET seen_price_amount = price.amount, seen_currency_code = price.currency
        FROM jsonb_to_recordset(${JSON.stringify(prices)}::jsonb) AS price (id text, amount bigint, currency text)
        WHERE tenant_id = ${tenantId} AND cart_id = ${id} AND variant_id = price.id`;
    });
  });
}

function refuseUnknown(asked: { id: string }[], found: { id: string }[], fieldOf: (index: number) => string[]): void {
  const known = new Set(found.map(({ id }) => id));
  const unknown = asked.flatMap(({ id }, index) =>
    known.has(id) ? [] : [{ field: fieldOf(index), code: 'NOT_FOUND' as const, message: 'The cart has no such line.' }],
  );
  if (unknown.length > 0) throw new UserErrors<CartErrorCode>(...unknown);
}
