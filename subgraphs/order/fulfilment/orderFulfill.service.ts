import { payload } from '../../shared/errors';
import type { Context } from '../context';
import type { Order } from '../generated/prisma/client';
import type { OrderErrorCode } from '../generated/resolvers';
import { changeFulfillmentStatus, changeStatus } from '../orders/orderStatus';
import { getOrder, transitionRefused } from './transitionRefused';

export function orderFulfill(ctx: Context, id: string) {
  const change = { tenantId: ctx.tenantId, orderId: id, actorId: ctx.caller.userId };
  return payload<'order', Order, OrderErrorCode>('order', () =>
    ctx.db.$transaction(async (tx) => {
      await changeFulfillmentStatus(tx, { ...change, from: 'UNFULFILLED', to: 'FULFILLED' });
      const changed = await changeStatus(tx, { ...change, from: 'CONFIRMED', to: 'FULFILLED' });
      const order = await getOrder(ctx, tx, id);
      if (!changed) throw transitionRefused('FULFILLED', order);
      return order;
    }),
  );
}
