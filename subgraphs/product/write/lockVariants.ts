import type { Tx } from '../database';
import { Prisma } from '../generated/prisma/client';

export interface LockedVariant {
  id: string;
  sku: string;
  /** How many orders have reserved: such a variant can't be deleted, or its order would be left without its stock. */
  reserved: number;
  /** Below zero: what is owed to buyers. */
  available: number;
}

/**
 * Locks variants until the transaction ends: all of one product, or some of any products. In id order, as stockReserve locks them, to avoid
 * deadlocks.
 */
export function lockVariants(
  tx: Tx,
  tenantId: string,
  which: { ofProduct: string } | { ids: string[] },
): Promise<LockedVariant[]> {
  const isOne =
    'ids' in which ? Prisma.sql`id = ANY (${which.ids}::text[])` : Prisma.sql`product_id = ${which.ofProduct}`;
  return tx.$queryRaw<LockedVariant[]>`
    SELECT id, sku, reserved, available FROM product_variants WHERE tenant_id = ${tenantId} AND ${isOne} ORDER BY id FOR UPDATE`;
}
