import { Prisma } from '../generated/prisma/client';
import type { Discount, Reduction } from './discount';
import type { UnusableCode } from './pricing';
import { type CodeUser, isUsableBy, isUsableNow } from './usableDiscount';

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

/** An expression: the automatic discounts of now, and those of the codes, as an array of StoredDiscount; null when there are none. */
export const storedDiscounts = (tenantId: string, codes: CodesInUse | null) => Prisma.sql`(
  SELECT jsonb_agg(jsonb_build_object('id', id, 'title', title, 'code', code, 'basisPoints', basis_points, 'amount', amount::text,
    'amountPerItem', amount_per_item, 'freeShipping', free_shipping, 'items', items, 'buyXGetY', buy_x_get_y,
    'currencyCode', currency_code, 'minimumSubtotal', minimum_subtotal_amount::text, 'minimumQuantity', minimum_quantity,
    'combinesWith', combines_with, 'unusable', ${unusableReason(tenantId, codes)}) ORDER BY id)
  FROM discounts WHERE tenant_id = ${tenantId} AND (code IS NULL AND ${isUsableNow} OR ${isCodeNamed(tenantId, codes)}))`;

function isCodeNamed(tenantId: string, codes: CodesInUse | null): Prisma.Sql {
  if (codes === null) return Prisma.sql`false`;
  if ('codes' in codes) return Prisma.sql`code = ANY (${[...codes.codes]})`;
  return Prisma.sql`id IN (
    SELECT discount_id FROM discount_redemptions WHERE tenant_id = ${tenantId} AND order_id = ${codes.orderId})`;
}

/** Null for a discount that can be used. An order has redeemed its codes: they are its own, whatever became of them since. */
function unusableReason(tenantId: string, codes: CodesInUse | null): Prisma.Sql {
  if (codes === null || 'orderId' in codes) return Prisma.sql`NULL`;
  return Prisma.sql`CASE
    WHEN code IS NULL THEN NULL
    WHEN starts_at > now() THEN 'NOT_STARTED'
    WHEN ends_at <= now() THEN 'EXPIRED'
    WHEN NOT (${isUsableNow}) THEN 'USED_UP'
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
