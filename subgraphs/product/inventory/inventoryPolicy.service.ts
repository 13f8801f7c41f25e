import { z } from 'zod';
import { checkInput } from '../../shared/inputReader';
import { omitUndefined } from '../../shared/omitUndefined';
import { notFound, payload, refusal, throwIfAny, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { ProductVariant } from '../generated/prisma/client';
import type { InventoryPolicyUpdateInput, UserErrorCode } from '../generated/resolvers';
import { quantity } from './inventoryInput';

const policy = z.object({ lowStockThreshold: quantity(0).nullish() });

/** Changes whether a variant is sold on backorder, and its threshold of low stock. Omitted fields stay unchanged. */
export function inventoryPolicyUpdate(ctx: Context, input: InventoryPolicyUpdateInput) {
  const { variantId, lowStockThreshold } = input;
  const inventoryPolicy = input.inventoryPolicy ?? undefined;
  const { tenantId } = ctx;
  return payload<'productVariant', ProductVariant, UserErrorCode>('productVariant', async () => {
    throwIfAny(checkInput<typeof policy, UserErrorCode>(policy, input).faults);
    // With the policy DENY the stock must not be negative, so backorders have to be covered first. A CHECK constraint demands it, too.
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
    throw refusal<UserErrorCode>(['input', 'inventoryPolicy'], 'BACKORDERED', message);
  });
}
