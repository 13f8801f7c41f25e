import type { CallerContext } from '../../shared/callerContext';
import { notFound, staleVersion, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import { type Cart, Prisma } from '../generated/prisma/client';

type CartCaller = Pick<CallerContext, 'tenantId' | 'caller'>;

/** A row of carts as Prisma reads it. Raw SQL, because Prisma's queries can't compare expires_at with the database's clock. */
const COLUMNS = Prisma.sql`
  tenant_id AS "tenantId", id, customer_id AS "customerId", email, shipping_address AS "shippingAddress", billing_address AS "billingAddress", note AS "buyerNote", attributes,
  discount_codes AS "discountCodes", shipping_option_id AS "shippingOptionId", gift_card_ids AS "giftCardIds", uses_store_credit AS "usesStoreCredit", seen_cost AS "seenCost", order_id AS "orderId", version,
  expires_at AS "expiresAt", created_at AS "createdAt", updated_at AS "updatedAt"`;

/** For WHERE: an unexpired cart that the caller may use. A visitor's cart needs only its id; a customer's needs that customer. */
const belongsTo = ({ tenantId, caller }: CartCaller, id: string) => Prisma.sql`
  tenant_id = ${tenantId} AND id = ${id} AND (customer_id IS NULL OR customer_id = ${caller.userId})
  AND expires_at > now()`;

/** @returns null for a cart that has expired, was ordered, belongs to another customer, or does not exist. */
export async function findOpenCart(db: Db | Tx, ctx: CartCaller, id: string): Promise<Cart | null> {
  const cart = await findCartForCheckout(db, ctx, id);
  return cart?.orderId === null ? cart : null;
}

/** As {@link findOpenCart}, but also one that was ordered: a repeated orderCreate is answered with that order. */
export async function findCartForCheckout(db: Db | Tx, ctx: CartCaller, id: string): Promise<Cart | null> {
  const [cart] = await db.$queryRaw<Cart[]>`SELECT ${COLUMNS} FROM carts WHERE ${belongsTo(ctx, id)}`;
  return cart ?? null;
}

/** How many units are in a cart. */
export async function totalQuantity({ db }: Context, tenantId: string, cartId: string): Promise<number> {
  const { _sum } = await db.cartLine.aggregate({ where: { tenantId, cartId }, _sum: { quantity: true } });
  return _sum.quantity ?? 0;
}

/** The customer's most recently changed open cart. */
export async function findCustomersCart(db: Db | Tx, { tenantId, caller }: CartCaller): Promise<Cart | null> {
  if (caller.userId === null) return null;
  const [cart] = await db.$queryRaw<Cart[]>`
    SELECT ${COLUMNS} FROM carts
    WHERE tenant_id = ${tenantId} AND customer_id = ${caller.userId} AND order_id IS NULL AND expires_at > now()
    ORDER BY updated_at DESC, id DESC LIMIT 1`;
  return cart ?? null;
}

/**
 * Changes an open cart: increments its version, renews its expiry, and runs `work` in the same transaction. The row lock serializes
 * changes of one cart. @throws UserErrors NOT_FOUND | StaleVersion
 */
export function changeCart(
  ctx: Context,
  id: string,
  expectedVersion: number | null | undefined,
  work: (tx: Tx, cart: Cart) => Promise<void>,
): Promise<Cart> {
  return ctx.db.$transaction(async (tx) => {
    const [cart] = await tx.$queryRaw<Cart[]>`
      UPDATE carts SET version = version + 1, updated_at = now(), expires_at = now() + interval '30 days'
      WHERE ${belongsTo(ctx, id)} AND order_id IS NULL AND version = COALESCE(${expectedVersion ?? null}::int, version)
      RETURNING ${COLUMNS}`;
    if (!cart) {
      const current = await findOpenCart(tx, ctx, id);
      throw current ? staleVersion(current) : new UserErrors(notFound('cart'));
    }
    await work(tx, cart);
    return tx.cart.findFirstOrThrow({ where: { tenantId: ctx.tenantId, id } });
  });
}
