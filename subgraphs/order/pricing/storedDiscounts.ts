import { Prisma } from '../generated/prisma/client';
import type { Discount, Reduction } from './discount';
import type { UnusableCode } from './pricing';
import { type CodeUser, isCodeUsable, isForCustomer, isUsableBy, isUsableNow } from './usableDiscount';

/** The discount codes: named by a buyer, who must be allowed to use them, or redeemed by an order already. */
export type CodesInUse = (Omit<CodeUser, 'tenantId'> & { codes: readonly string[] }) | { orderId: string };

/** A discount as JSON, which has amounts as texts. */
export type StoredDiscount = Omit<Discount, 'off' | 'minimumSubtotal'> & {
  basisPoints: number | null;
  amount: string | null;
  amountPerItem: boolean;
  freeShipping: OrderJson.FreeShipping | null;
  minimumSubtotal: string;
  unusable: UnusableCode['reason'] | null;
};

/**
 * An expression: the automatic discounts of now, and those of the codes, as an array of StoredDiscount; null when there are none.
 * @param buyer see buyerKey; null while it is not known.
 */
export const storedDiscounts = (tenantId: string, codes: CodesInUse | null, buyer: string | null) => Prisma.sql`(
  SELECT jsonb_agg(jsonb_build_object('id', id, 'title', title, 'code', code, 'basisPoints', basis_points, 'amount', amount::text,
    'amountPerItem', amount_per_item, 'freeShipping', free_shipping, 'items', items, 'buyXGetY', buy_x_get_y,
    'currencyCode', currency_code, 'minimumSubtotal', minimum_subtotal_amount::text, 'minimumQuantity', minimum_quantity,
    'combinesWith', combines_with, 'unusable', ${unusableReason(tenantId, codes, buyer)}) ORDER BY id, code)
  FROM (
    SELECT *, NULL AS code, true AS is_code_usable FROM discounts
    WHERE tenant_id = ${tenantId} AND is_automatic AND ${isUsableNow} AND ${isForCustomer(tenantId, buyer)} ${named(tenantId, codes)}
  ) AS discounts)`;

/** The discounts of codes, each with its code. */
function named(tenantId: string, codes: CodesInUse | null): Prisma.Sql {
  if (codes === null) return Prisma.empty;
  const join = Prisma.sql`JOIN discounts ON discounts.tenant_id = named.tenant_id AND discounts.id = named.discount_id`;
  if ('orderId' in codes) {
    return Prisma.sql`UNION ALL SELECT discounts.*, named.code, true FROM discount_redemptions AS named ${join}
      WHERE named.tenant_id = ${tenantId} AND named.order_id = ${codes.orderId}`;
  }
  return Prisma.sql`UNION ALL SELECT discounts.*, named.code, ${isCodeUsable} FROM discount_codes AS named ${join}
    WHERE named.tenant_id = ${tenantId} AND named.code = ANY (${[...codes.codes]})`;
}

/** Null for a discount that can be used. An order has redeemed its codes: they are its own, whatever became of them since. */
function unusableReason(tenantId: string, codes: CodesInUse | null, buyer: string | null): Prisma.Sql {
  if (codes === null || 'orderId' in codes) return Prisma.sql`NULL`;
  return Prisma.sql`CASE
    WHEN code IS NULL THEN NULL
    WHEN starts_at > now() THEN 'NOT_STARTED'
    WHEN ends_at <= now() THEN 'EXPIRED'
    WHEN NOT (is_code_usable AND ${isUsableNow}) THEN 'USED_UP'
    WHEN NOT ${isForCustomer(tenantId, buyer)} THEN 'CUSTOMER_NOT_ELIGIBLE'
    WHEN NOT ${isUsableBy({ ...codes, tenantId })} THEN 'USED_BY_CUSTOMER' END`;
}

export const toDiscount = ({
  basisPoints,
  amount,
  amountPerItem,
  freeShipping,
  minimumSubtotal,
  unusable: _unusable,
  ...discount
}: StoredDiscount): Discount => ({
  ...discount,
  off: reductionOf(basisPoints, amount, amountPerItem, freeShipping),
  minimumSubtotal: BigInt(minimumSubtotal),
});

function reductionOf(
  basisPoints: number | null,
  amount: string | null,
  perItem: boolean,
  freeShipping: OrderJson.FreeShipping | null,
): Reduction {
  if (amount !== null) return { amount: BigInt(amount), perItem };
  if (basisPoints !== null) return { basisPoints };
  const { countryCodes = [], maximumPrice = null } = freeShipping ?? {};
  return { freeShipping: { countryCodes, maximumPrice: maximumPrice === null ? null : BigInt(maximumPrice) } };
}
