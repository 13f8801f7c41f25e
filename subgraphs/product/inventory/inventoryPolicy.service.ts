import { z } from 'zod';
import { checkInput } from '../../shared/inputReader';
import { omitUndefined } from '../../shared/omitUndefined';
import { notFound, payload, refusal, throwIfAny, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { ProductVariant } from '../generated/prisma/client';
import type { InventoryErrorCode, InventoryPolicyUpdateInput } from '../generated/resolvers';
import { quantity } from './inventoryInput';

const policy = z.object({ lowStockThreshold: quantity(0).nullish() });

/** Whether a variant is sold beyond what is there, and when its stock is low. What is left out stays as it is. */
export function inventoryPolicyUpdate(ctx: Context, input: InventoryPolicyUpdateInput) {
  const { variantId, lowStockThreshold } = input;
  const inventoryPolicy = input.inventoryPolicy ?? undefined;
  const { tenantId } = ctx;
  return payload<'variant', ProductVariant, InventoryErrorCode>('variant', async () => {
    throwIfAny(checkInput<typeof policy, InventoryErrorCode>(policy, input).faults);
    // What is owed to buyers has to be there before the variant is sold from the shelf alone; a CHECK of the database says so, too.
    const mayDeny = inventoryPolicy === 'DENY' ? { available: { gte: 0 } } : {};
    const [variant] = await ctx.db.productVariant.updateManyAndReturn({
      where: { tenantId, id: variantId, ...mayDeny },
      data: omitUndefined({ inventoryPolicy, lowStockThreshold, version: { increment: 1 } }),
    });
    if (variant) return variant;
    const owing = await ctx.db.productVariant.findFirst({
      where: { tenantId, id: variantId },
      select: { available: true },
    });
    if (!owing) throw new UserErrors(notFound('variant', ['input', 'variantId']));
    const message = `Put what is owed to buyers on the shelf first: ${-owing.available}.`;
    throw refusal<InventoryErrorCode>(['input', 'inventoryPolicy'], 'BACKORDERED', message);
  });
}
