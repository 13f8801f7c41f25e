import { Prisma } from '../generated/prisma/client';

/** In SQL: what a store lost of an order by disputes that its banks decided for the buyer, in the order's currency. */
export const lostAmount = (tenantId: string, orderId: Prisma.Sql): Prisma.Sql => Prisma.sql`
  (SELECT coalesce(sum(withheld_amount), 0) FROM order_disputes
   WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND status = 'LOST')`;

/**
 * In SQL: whether disputes took all of an order that was not refunded before. A dispute is about a sum, so one that took less can't be said
 * to be about some of the items. @param orders the table, or its alias.
 */
export const isLost = (tenantId: string, orders: Prisma.Sql): Prisma.Sql => Prisma.sql`
  (${lostAmount(tenantId, Prisma.sql`${orders}.id`)} > 0
   AND ${lostAmount(tenantId, Prisma.sql`${orders}.id`)} >= ${orders}.total_amount - (
     SELECT coalesce(sum(amount), 0) FROM order_refunds
     WHERE tenant_id = ${tenantId} AND order_id = ${orders}.id AND status = 'SUCCEEDED'))`;
