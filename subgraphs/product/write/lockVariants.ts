import type { Tx } from '../database';
import { Prisma } from '../generated/prisma/client';

export interface LockedVariant {
  id: string;
  sku: string;
  /** Held for orders: such a variant can't go, or its order would be left without its stock. */
  reserved: number;
  /** Below zero: what is owed to buyers. */
  available: number;
}

/**
 * All variants of one product, or some of any products, until the transaction ends; locked in the order in which orders take stock: neither
 * waits for the other.
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
