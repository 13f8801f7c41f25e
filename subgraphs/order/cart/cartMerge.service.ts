import { lockResource } from '../../shared/lockResource';
import { notFound, payload, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Cart } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';
import { MAX_GIFT_CARDS } from './cartCredit';
import { checkLimits } from './cartLines';
import { findCustomersCart, findOpenCart } from './openCart';

/**
 * At sign-in: a visitor's cart becomes the customer's or, when they have one, is merged into that. Quantities of the same variant add
 * up; of single values, such as the buyer's note, the customer's own is kept.
 */
export function cartMerge(ctx: Context, id: string) {
  return payload<'cart', Cart, UserErrorCode>('cart', () =>
    ctx.db.$transaction(async (tx) => {
      const { tenantId, caller } = ctx;
      // Prevents a race: two concurrent merges would each find no cart of the customer, and leave two.
      await lockResource(tx, tenantId, `cart of ${caller.userId}`);
      const merged = await lockCart(tx, ctx, id);
      if (!merged) throw new UserErrors(notFound('cart'));
      if (merged.customerId !== null) return merged;
      const own = await findCustomersCart(tx, ctx);
      // A concurrent orderCreate may have consumed it before we got its lock: then there is no cart to merge into.
      const into = own && (await lockCart(tx, ctx, own.id));
      if (!into) return updateCart(tx, tenantId, id, { customerId: caller.userId, version: { increment: 1 } });
      await moveLines(tx, tenantId, id, into.id);
      await tx.cart.deleteMany({ where: { tenantId, id } });
      return updateCart(tx, tenantId, into.id, {
        email: into.email ?? merged.email,
        buyerNote: into.buyerNote ?? merged.buyerNote,
        discountCodes: into.discountCodes.length > 0 ? into.discountCodes : merged.discountCodes,
        giftCardIds: [...new Set([...into.giftCardIds, ...merged.giftCardIds])].slice(0, MAX_GIFT_CARDS),
        shippingOptionId: into.shippingOptionId ?? merged.shippingOptionId,
        ...(into.shippingAddress === null &&
          merged.shippingAddress !== null && { shippingAddress: merged.shippingAddress }),
        ...(into.billingAddress === null &&
          merged.billingAddress !== null && { billingAddress: merged.billingAddress }),
        ...(isEmpty(into.attributes) && merged.attributes !== null && { attributes: merged.attributes }),
        version: { increment: 1 },
      });
    }),
  );
}

async function lockCart(tx: Tx, ctx: Context, id: string): Promise<Cart | null> {
  await tx.$queryRaw`SELECT 1 FROM carts WHERE tenant_id = ${ctx.tenantId} AND id = ${id} FOR UPDATE`;
  return findOpenCart(tx, ctx, id);
}

async function updateCart(tx: Tx, tenantId: string, id: string, data: Parameters<Tx['cart']['updateMany']>[0]['data']) {
  await tx.cart.updateMany({ where: { tenantId, id }, data });
  return tx.cart.findFirstOrThrow({ where: { tenantId, id } });
}

async function moveLines(tx: Tx, tenantId: string, from: string, into: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO cart_lines (tenant_id, cart_id, id, variant_id, quantity, attributes, attributes_key, seen_price_amount, seen_currency_code)
    SELECT tenant_id, ${into}, id, variant_id, quantity, attributes, attributes_key, seen_price_amount, seen_currency_code FROM cart_lines
    WHERE tenant_id = ${tenantId} AND cart_id = ${from}
    ON CONFLICT (tenant_id, cart_id, variant_id, attributes_key) DO UPDATE SET quantity = cart_lines.quantity + excluded.quantity`;
  await checkLimits(tx, tenantId, into, ['id']);
}

const isEmpty = (attributes: unknown) => Array.isArray(attributes) && attributes.length === 0;
