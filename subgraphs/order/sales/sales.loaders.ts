import DataLoader from 'dataloader';
import type { DatabaseContext } from '../../shared/callerContext';
import { formatMoney } from '../../shared/money';
import type { Db } from '../database';

export interface ProductSales {
  units: number;
  revenue: { amount: string; currencyCode: string }[];
}

export interface SalesLoaders {
  salesByProductId: DataLoader<string, ProductSales>;
}

/** For staff alone: the field that leads here is guarded. One statement for all keys of a tick. */
export function createSalesLoaders(ctx: DatabaseContext<Db>): SalesLoaders {
  return {
    salesByProductId: new DataLoader(async (ids) => {
      const sums = await ctx.db.$queryRaw<{ productId: string; currencyCode: string; units: number; sold: bigint }[]>`
        SELECT item.product_id AS "productId", item.currency_code AS "currencyCode",
          least(sum(item.quantity), 2147483647)::int AS units, sum(item.total_price_amount - item.discount_amount)::bigint AS sold
        FROM order_items AS item
        JOIN orders ON orders.tenant_id = item.tenant_id AND orders.id = item.order_id
        WHERE item.tenant_id = ${ctx.tenantId} AND item.product_id = ANY (${[...ids]})
          AND orders.status IN ('CONFIRMED', 'FULFILLED')
        GROUP BY 1, 2 ORDER BY 1, 2`;
      return ids.map((id) => {
        const own = sums.filter(({ productId }) => productId === id);
        return {
          units: own.reduce((all, { units }) => all + units, 0),
          revenue: own.map(({ sold, currencyCode }) => formatMoney({ minorUnits: sold, currencyCode })),
        };
      });
    }),
  };
}
