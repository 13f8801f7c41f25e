import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order } from '../generated/prisma/client';
import { getOrder } from './getOrder';

/** The order of this id, which nobody else changes until the transaction ends. @throws UserErrors NOT_FOUND */
export async function lockOrder(ctx: Context, tx: Tx, id: string): Promise<Order> {
  await tx.$queryRaw`SELECT 1 FROM orders WHERE tenant_id = ${ctx.tenantId} AND id = ${id} FOR NO KEY UPDATE`;
  return getOrder(ctx, tx, id);
}
