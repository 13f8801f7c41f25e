import type { Tx } from '../database';
import { IS_ON_SALE, WILL_BE_ON_SALE } from './onSale';

/** Shoppers see it from now on, while it is ACTIVE. By the database's clock, which also decides what they see. */
export async function publishNow(tx: Tx, tenantId: string, id: string): Promise<Date> {
  // Cut and not rounded to what the column holds: never a moment that is still to come.
  const [row] = await tx.$queryRaw<{ publishedAt: Date }[]>`
    UPDATE products SET published_at = date_trunc('milliseconds', now()) WHERE tenant_id = ${tenantId} AND id = ${id}
    RETURNING published_at AS "publishedAt"`;
  if (!row) throw new Error('A product in this transaction is gone');
  return row.publishedAt;
}

/**
 * Keeps whether it has been told that shoppers see some products, and when that has to be told although nobody changes anything.
 * At the end of each change of a product. @returns those that shoppers see now, and did not when it was last told.
 */
export async function settlePublications(tx: Tx, tenantId: string, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const published = await tx.$queryRaw<{ id: string }[]>`
    WITH settled AS (
      UPDATE products p SET is_announced = coalesce(${IS_ON_SALE}, false)
      WHERE tenant_id = ${tenantId} AND id = ANY (${ids}::text[])
      RETURNING id, new.is_announced AND NOT old.is_announced AS is_published, published_at,
        coalesce(${WILL_BE_ON_SALE}, false) AS is_planned
    ), planned AS (
      INSERT INTO product_publications (tenant_id, product_id, due_at)
      SELECT ${tenantId}, id, published_at FROM settled WHERE is_planned
      ON CONFLICT (tenant_id, product_id) DO UPDATE SET due_at = excluded.due_at
    ), dropped AS (
      DELETE FROM product_publications
      WHERE tenant_id = ${tenantId} AND product_id IN (SELECT id FROM settled WHERE NOT is_planned)
    )
    SELECT id FROM settled WHERE is_published`;
  return new Set(published.map(({ id }) => id));
}
