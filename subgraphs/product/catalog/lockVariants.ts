import type { Tx } from '../database';

export interface LockedVariant {
  id: string;
  sku: string;
  /** Held for orders: such a variant can't go, or its order would be left without its stock. */
  reserved: number;
  /** Below zero: what is owed to buyers. */
  available: number;
}

/** A product's variants until the transaction ends, locked in the order in which orders take stock: neither waits for the other. */
export function lockVariants(tx: Tx, tenantId: string, productId: string): Promise<LockedVariant[]> {
  return tx.$queryRaw<LockedVariant[]>`
    SELECT id, sku, reserved, available FROM product_variants WHERE tenant_id = ${tenantId} AND product_id = ${productId}
    ORDER BY id FOR UPDATE`;
}

/** As {@link lockVariants}, of some variants of any products. */
export function lockTheseVariants(tx: Tx, tenantId: string, ids: string[]): Promise<LockedVariant[]> {
  return tx.$queryRaw<LockedVariant[]>`
    SELECT id, sku, reserved, available FROM product_variants WHERE tenant_id = ${tenantId} AND id = ANY (${ids}::text[])
    ORDER BY id FOR UPDATE`;
}
