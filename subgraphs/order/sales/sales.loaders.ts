import { formatMoney } from '../../shared/money';
import { isLost } from '../dispute/lostAmount';
import { Prisma } from '../generated/prisma/client';
import { loader } from '../loader';

export interface ProductSales {
  units: number;
  revenue: { amount: string; currencyCode: string }[];
}

// Without a check of its own: the field that uses it is for staff only, see sales.resolvers.ts.

export const salesByProductId = loader<ProductSales>(async ({ db, tenantId }, ids) => {
  const sums = await db.$queryRaw<{ productId: string; currencyCode: string; units: number; sold: bigint }[]>`
    SELECT item.product_id AS "productId", item.currency_code AS "currencyCode",
      least(sum(item.quantity - refunded.quantity), 2147483647)::int AS units,
      -- What was not refunded, rounded as refundAmount.ts does.
      sum(item.total_price_amount - item.discount_amount
        - div((item.total_price_amount - item.discount_amount)::numeric * refunded.paid, item.quantity))::bigint AS sold
    FROM order_items AS item
    JOIN orders ON orders.tenant_id = item.tenant_id AND orders.id = item.order_id
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(line.quantity), 0) AS quantity, coalesce(sum(line.quantity) FILTER (WHERE line.unpaid IS NULL), 0) AS paid
      FROM order_refunds, jsonb_to_recordset(order_refunds.lines) AS line (position int, quantity int, unpaid boolean)
      WHERE order_refunds.tenant_id = ${tenantId} AND order_refunds.order_id = item.order_id
        AND order_refunds.status = 'SUCCEEDED' AND line.position = item.position
    ) AS refunded
    WHERE item.tenant_id = ${tenantId} AND item.product_id = ANY (${[...ids]})
      AND orders.status IN ('CONFIRMED', 'FULFILLED')
      AND NOT ${isLost(tenantId, Prisma.sql`orders`)}
    GROUP BY 1, 2 ORDER BY 1, 2`;
  return ids.map((id) => {
    const own = sums.filter(({ productId }) => productId === id);
    return {
      units: own.reduce((all, { units }) => all + units, 0),
      revenue: own.map(({ sold, currencyCode }) => formatMoney({ minorUnits: sold, currencyCode })),
    };
  });
});
