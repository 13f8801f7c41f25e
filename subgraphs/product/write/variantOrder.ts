import type { Tx } from '../database';

/**
 * Gives a product's variants the places of `ids`, from 0. In two steps, since no two of them may have the same place at any
 * moment.
 */
export async function writeVariantOrder(tx: Tx, tenantId: string, productId: string, ids: string[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE product_variants SET position = -1 - position WHERE tenant_id = ${tenantId} AND product_id = ${productId}`;
  await tx.$executeRaw`
    UPDATE product_variants SET position = place - 1
    FROM unnest(${ids}::text[]) WITH ORDINALITY AS sorted (variant_id, place)
    WHERE tenant_id = ${tenantId} AND product_id = ${productId} AND id = variant_id`;
}
