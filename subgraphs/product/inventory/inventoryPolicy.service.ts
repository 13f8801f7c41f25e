import { payload, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { ProductVariant } from '../generated/prisma/client';
import type { InventoryErrorCode, InventoryPolicyUpdateInput } from '../generated/resolvers';
import { refused, within } from './inventoryFaults';

/** Whether a variant is sold beyond what is there, and when it is low. What is left out stays as it is. */
export function inventoryPolicyUpdate(ctx: Context, input: InventoryPolicyUpdateInput) {
  const { variantId, inventoryPolicy, lowStockThreshold } = input;
  const { tenantId } = ctx;
  return payload<'variant', ProductVariant, InventoryErrorCode>('variant', async () => {
    const faults = lowStockThreshold == null ? [] : within('lowStockThreshold', lowStockThreshold, 0);
    if (faults.length > 0) throw new UserErrors(...faults);
    // What is owed to buyers has to be there before the variant is sold from the shelf alone; a CHECK holds this, too.
    const mayDeny = inventoryPolicy === 'DENY' ? { available: { gte: 0 } } : {};
    const [variant] = await ctx.db.productVariant.updateManyAndReturn({
      where: { tenantId, id: variantId, ...mayDeny },
      data: {
        ...(inventoryPolicy != null && { inventoryPolicy }),
        ...(lowStockThreshold !== undefined && { lowStockThreshold }),
        version: { increment: 1 },
      },
    });
    if (variant) return variant;
    const owing = await ctx.db.productVariant.findFirst({
      where: { tenantId, id: variantId },
      select: { available: true },
    });
    if (!owing) throw refused('variantId', 'NOT_FOUND', 'No such variant.');
    throw refused(
      'inventoryPolicy',
      'BACKORDERED',
      `Put what is owed to buyers on the shelf first: ${-owing.available}.`,
    );
  });
}
