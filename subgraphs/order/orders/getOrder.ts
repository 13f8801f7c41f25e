import { UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order, OrderStatus } from '../generated/prisma/client';
import type { OrderErrorCode } from '../generated/resolvers';

/** The order of this id. @throws UserErrors NOT_FOUND */
export async function getOrder(ctx: Context, tx: Tx, id: string): Promise<Order> {
  const order = await tx.order.findFirst({ where: { tenantId: ctx.tenantId, id } });
  if (!order) throw new UserErrors<OrderErrorCode>({ field: ['id'], code: 'NOT_FOUND', message: 'No such order.' });
  return order;
}

/** @returns what a mutation ends with that the order's status does not allow. */
export function transitionRefused(to: OrderStatus, { status }: Order): UserErrors<OrderErrorCode> {
  const message = `The order is ${status}: it can't become ${to}.`;
  return new UserErrors<OrderErrorCode>({ field: ['id'], code: 'INVALID_TRANSITION', message });
}
