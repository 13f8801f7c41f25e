import { alignToKeys } from '../../shared/batches';
import { formatMoney } from '../../shared/money';
import { lostAmount } from '../dispute/lostAmount';
import { Prisma } from '../generated/prisma/client';
import { loader } from '../loader';

/** A customer's orders and what they spent, per currency. */
export interface CustomerTotals {
  ordersCount: number;
  totalSpent: { amount: string; currencyCode: string }[];
}

// Without a check of its own: the fields that use it are for staff only, see customer.rules.ts.

export const customerById = loader(async ({ db, tenantId }, ids) => {
  const customers = await db.customer.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, customers, (customer) => customer.id);
});

export const totalsByCustomerId = loader<CustomerTotals>(async ({ db, tenantId }, ids) => {
  const sums = await db.$queryRaw<{ buyerId: string; currencyCode: string; orders: number; spent: bigint }[]>`
    SELECT buyer_id AS "buyerId", currency_code AS "currencyCode", count(*)::int AS orders,
      sum(greatest(total_amount - coalesce(refunded.amount, 0) - ${lostAmount(tenantId, Prisma.sql`orders.id`)}, 0))::bigint AS spent
    FROM orders
    LEFT JOIN LATERAL (
      SELECT sum(amount) AS amount FROM order_refunds
      WHERE tenant_id = ${tenantId} AND order_id = orders.id AND status = 'SUCCEEDED'
    ) AS refunded ON true
    WHERE tenant_id = ${tenantId} AND buyer_id = ANY (${[...ids]}) AND status IN ('CONFIRMED', 'FULFILLED')
    GROUP BY 1, 2 ORDER BY 1, 2`;
  return ids.map((id) => {
    const own = sums.filter(({ buyerId }) => buyerId === id);
    return {
      ordersCount: own.reduce((count, { orders }) => count + orders, 0),
      totalSpent: own.map(({ spent, currencyCode }) => formatMoney({ minorUnits: spent, currencyCode })),
    };
  });
});
