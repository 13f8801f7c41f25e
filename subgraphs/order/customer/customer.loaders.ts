import DataLoader from 'dataloader';
import { alignToKeys } from '../../shared/batches';
import type { DatabaseContext } from '../../shared/callerContext';
import { formatMoney } from '../../shared/money';
import type { Db } from '../database';
import type { Customer } from '../generated/prisma/client';

/** What a customer has bought, in each currency that they paid in. */
export interface CustomerTotals {
  ordersCount: number;
  totalSpent: { amount: string; currencyCode: string }[];
}

export interface CustomerLoaders {
  customerById: DataLoader<string, Customer | null>;
  totalsByCustomerId: DataLoader<string, CustomerTotals>;
}

/** For staff alone: the fields that lead here are guarded. One statement for all keys of a tick. */
export function createCustomerLoaders(ctx: DatabaseContext<Db>): CustomerLoaders {
  return {
    customerById: new DataLoader(async (ids) => {
      const customers = await ctx.db.customer.findMany({ where: { tenantId: ctx.tenantId, id: { in: [...ids] } } });
      return alignToKeys(ids, customers, (customer) => customer.id);
    }),
    totalsByCustomerId: new DataLoader(async (ids) => {
      const sums = await ctx.db.$queryRaw<{ buyerId: string; currencyCode: string; orders: number; spent: bigint }[]>`
        SELECT buyer_id AS "buyerId", currency_code AS "currencyCode", count(*)::int AS orders,
          sum(total_amount - coalesce(refunded.amount, 0))::bigint AS spent
        FROM orders
        LEFT JOIN LATERAL (
          SELECT sum(amount) AS amount FROM order_refunds
          WHERE tenant_id = ${ctx.tenantId} AND order_id = orders.id AND status = 'SUCCEEDED'
        ) AS refunded ON true
        WHERE tenant_id = ${ctx.tenantId} AND buyer_id = ANY (${[...ids]}) AND status IN ('CONFIRMED', 'FULFILLED')
        GROUP BY 1, 2 ORDER BY 1, 2`;
      return ids.map((id) => {
        const own = sums.filter(({ buyerId }) => buyerId === id);
        return {
          ordersCount: own.reduce((count, { orders }) => count + orders, 0),
          totalSpent: own.map(({ spent, currencyCode }) => formatMoney({ minorUnits: spent, currencyCode })),
        };
      });
    }),
  };
}
