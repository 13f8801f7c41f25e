import { payload } from '../../shared/errors';
import type { Context } from '../context';
import type { Order } from '../generated/prisma/client';
import type { OrderErrorCode } from '../generated/resolvers';
import { changeStatus } from '../orders/orderStatus';
import { getOrder, transitionRefused } from './transitionRefused';

export function orderFulfill(ctx: Context, id: string) {
  const { tenantId, caller } = ctx;
  return payload<'order', Order, OrderErrorCode>('order', () =>
    ctx.db.$transaction(async (tx) => {
      const change = { tenantId, orderId: id, from: 'CONFIRMED', to: 'FULFILLED', actorId: caller.userId } as const;
      const changed = await changeStatus(tx, change);
      const order = await getOrder(ctx, tx, id);
      if (!changed) throw transitionRefused('FULFILLED', order);
      return order;
    }),
  );
}
