import { notFound, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order } from '../generated/prisma/client';

/** The order of this id. @throws UserErrors NOT_FOUND */
export async function getOrder({ tenantId }: Context, tx: Tx, id: string): Promise<Order> {
  const order = await tx.order.findFirst({ where: { tenantId, id } });
  if (!order) throw new UserErrors(notFound('order'));
  return order;
}

/** As {@link getOrder}, with a row lock until the transaction ends. */
export async function lockOrder(ctx: Context, tx: Tx, id: string): Promise<Order> {
  await lockOrderRow(tx, ctx.tenantId, id);
  return getOrder(ctx, tx, id);
}

/** Locks the order's row. FOR NO KEY UPDATE does not block inserts of rows that refer to the order. */
export async function lockOrderRow(tx: Tx, tenantId: string, orderId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM orders WHERE tenant_id = ${tenantId} AND id = ${orderId} FOR NO KEY UPDATE`;
}
