import type { Tx } from '../database';
import { Prisma } from '../generated/prisma/client';

export interface LockedVariant {
  id: string;
  sku: string;
  /** How many units orders have reserved. Such a variant can't be deleted: its orders would lose their stock. */
  reserved: number;
  /** Negative when units were sold on backorder. */
  available: number;
}

/**
 * Locks variants in id order, as stockReserve does, to avoid deadlocks: all variants of one product, or the given ones of any
 * products. The locks are held until the transaction ends.
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
