import { z } from 'zod';
import { payload, StaleVersion, UserErrors } from '../../shared/errors';
import { recordEvent } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { emailInput, shippingAddressInput } from '../checkout/orderInput';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order, OrderStatus } from '../generated/prisma/client';
import type { OrderErrorCode, OrderUpdateInput } from '../generated/resolvers';
import { readInput, text } from '../input/readInput';
import { lockOrder } from './lockOrder';
import { renewSearchTerms } from './placedOrder';

const updateInput = z.object({
  expectedVersion: z.int(),
  email: emailInput.nullish(),
  shippingAddress: shippingAddressInput.nullish(),
  note: text(500).nullish(),
});

/** Until when it makes sense to say that an order goes elsewhere. */
const ON_ITS_WAY: readonly OrderStatus[] = ['PENDING', 'CONFIRMED'];

export function orderUpdate(ctx: Context, id: string, input: OrderUpdateInput) {
  return payload<'order', Order, OrderErrorCode>('order', () => {
    const { expectedVersion, email, shippingAddress, note } = readInput(updateInput, input);
    return ctx.db.$transaction(async (tx) => {
      const order = await lockOrder(ctx, tx, id);
      if (order.version !== expectedVersion) {
        const message = `The order is at version ${order.version}: look at what has changed, and send it again.`;
        throw new StaleVersion(order, { field: ['input', 'expectedVersion'], code: 'STALE_VERSION', message });
      }
      if (shippingAddress && !ON_ITS_WAY.includes(order.status)) {
        const message = `The order is ${order.status}: it goes nowhere else.`;
        throw new UserErrors({ field: ['input', 'shippingAddress'], code: 'INVALID_TRANSITION', message });
      }
      const [changed] = await tx.order.updateManyAndReturn({
        where: { tenantId: ctx.tenantId, id },
        data: { ...(email && { email }), ...(shippingAddress && { shippingAddress }), version: { increment: 1 } },
      });
      if (!changed) throw new Error('A locked row is gone');
      await renewSearchTerms(tx, ctx.tenantId, id);
      await writeHistory(tx, ctx, changed, whatChanged({ email, shippingAddress }), note ?? null);
      return changed;
    });
  });
}

type Detail = 'EMAIL' | 'SHIPPING_ADDRESS';

const whatChanged = (given: { email: unknown; shippingAddress: unknown }): Detail[] => [
  ...(given.email ? (['EMAIL'] as const) : []),
  ...(given.shippingAddress ? (['SHIPPING_ADDRESS'] as const) : []),
];

/** What changed, by whom and why, and not into what: a person's data is in the order alone, where it can be erased. */
async function writeHistory(tx: Tx, ctx: Context, order: Order, changed: Detail[], note: string | null): Promise<void> {
  const { tenantId, id: orderId, number, version: aggregateVersion } = order;
  await tx.orderStatusHistory.createMany({
    data: changed.map((to) => ({
      tenantId,
      id: newId('ohis'),
      orderId,
      kind: 'DETAILS',
      from: null,
      to,
      ...ctx.actor,
      note,
    })),
  });
  await recordEvent(tx, { type: 'order.updated', aggregateId: orderId, aggregateVersion, data: { number, changed } });
}
