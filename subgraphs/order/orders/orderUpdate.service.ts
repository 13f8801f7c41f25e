import { z } from 'zod';
import { emailInput } from '../../shared/email';
import { recordEvent } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import { readInput, text } from '../../shared/inputReader';
import { payload, refusal, staleVersion } from '../../shared/userErrors';
import type { HookContext } from '../checkoutHook/hookContext';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Order, OrderStatus } from '../generated/prisma/client';
import type { OrderUpdateInput, UserErrorCode } from '../generated/resolvers';
import type { Addresses } from '../input/addresses';
import { billingAddressInput, shippingAddressInput } from '../input/postalAddress';
import { checkNewAddresses } from './addressChange';
import { lockOrder } from './getOrder';
import { orderTransaction } from './orderTransaction';
import { renewSearchTerms } from './placedOrder';

const updateInput = z.object({
  expectedVersion: z.int(),
  email: emailInput.nullish(),
  shippingAddress: shippingAddressInput.nullish(),
  billingAddress: billingAddressInput.nullish(),
  keepSums: z.boolean().nullish(),
  reason: text({ max: 500, lines: true }).nullish(),
});

/** The statuses in which the address may change: a part of the order is not shipped yet. */
const TO_BE_SENT: readonly OrderStatus[] = ['PENDING', 'CONFIRMED'];

export function orderUpdate(ctx: HookContext, id: string, input: OrderUpdateInput) {
  return payload<'order', Order, UserErrorCode>('order', async () => {
    const { expectedVersion, email, shippingAddress, billingAddress, keepSums, reason } = readInput(updateInput, input);
    const read = await ctx.db.order.findFirst({ where: { tenantId: ctx.tenantId, id } });
    const isCurrent = read?.version === expectedVersion && (!shippingAddress || TO_BE_SENT.includes(read.status));
    const moved = isCurrent ? movedAddresses(read, shippingAddress, billingAddress) : null;
    // Before the transaction: within it, the order's lock would be held while the store's hooks are asked.
    if (isCurrent && moved) await checkNewAddresses(ctx, read, moved, keepSums === true);
    return orderTransaction(ctx.db, { tenantId: ctx.tenantId, orderId: id }, async (tx) => {
      const order = await lockOrder(ctx, tx, id);
      if (order.version !== expectedVersion) throw staleVersion(order);
      if (shippingAddress && !TO_BE_SENT.includes(order.status)) {
        const message = `The order is ${order.status}: its address can't change any more.`;
        throw refusal<UserErrorCode>(['input', 'shippingAddress'], 'INVALID_TRANSITION', message);
      }
      const addresses = movedAddresses(order, shippingAddress, billingAddress);
      // It was priced for its old addresses meanwhile.
      if (addresses && order.currencyCode !== read?.currencyCode) throw staleVersion(order);
      const [changed] = await tx.order.updateManyAndReturn({
        where: { tenantId: ctx.tenantId, id },
        data: { ...(email && { email }), ...omitNull(addresses), version: { increment: 1 } },
      });
      if (!changed) throw new Error('A locked row is gone');
      await renewSearchTerms(tx, ctx.tenantId, id);
      await recordUpdate(tx, ctx, changed, changedDetails({ email, shippingAddress, billingAddress }), reason ?? null);
      return changed;
    });
  });
}

/** Null when neither changes. An order is billed to where it was, unless that is changed as well. */
function movedAddresses(
  order: Order,
  shippingAddress: Addresses['shippingAddress'] | undefined,
  billingAddress: Addresses['billingAddress'] | undefined,
): Addresses | null {
  if (!shippingAddress && !billingAddress) return null;
  return {
    shippingAddress: shippingAddress ?? order.shippingAddress,
    billingAddress: billingAddress ?? order.billingAddress ?? order.shippingAddress,
  };
}

const omitNull = (addresses: Addresses | null) => ({
  ...(addresses?.shippingAddress && { shippingAddress: addresses.shippingAddress }),
  ...(addresses?.billingAddress && { billingAddress: addresses.billingAddress }),
});

type Detail = 'EMAIL' | 'SHIPPING_ADDRESS' | 'BILLING_ADDRESS';

const changedDetails = (given: { email: unknown; shippingAddress: unknown; billingAddress: unknown }): Detail[] => [
  ...(given.email ? (['EMAIL'] as const) : []),
  ...(given.shippingAddress ? (['SHIPPING_ADDRESS'] as const) : []),
  ...(given.billingAddress ? (['BILLING_ADDRESS'] as const) : []),
];

/** Records in history and event what changed, by whom and why, but no values: personal data is only in the order, where it can be erased. */
async function recordUpdate(
  tx: Tx,
  ctx: Context,
  order: Order,
  changed: Detail[],
  reason: string | null,
): Promise<void> {
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
      reason,
    })),
  });
  await recordEvent(tx, { type: 'order.updated', aggregateId: orderId, aggregateVersion, data: { number, changed } });
}
