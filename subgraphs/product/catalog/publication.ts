import type { Tx } from '../database';

/** Shoppers see it from now on, while it is ACTIVE. By the database's clock, which also decides what they see. */
export async function publishNow(tx: Tx, tenantId: string, id: string): Promise<Date> {
  // Cut and not rounded to what the column holds: never a moment that is still to come.
  const [row] = await tx.$queryRaw<{ publishedAt: Date }[]>`
    UPDATE products SET published_at = date_trunc('milliseconds', now()) WHERE tenant_id = ${tenantId} AND id = ${id}
    RETURNING published_at AS "publishedAt"`;
  if (!row) throw new Error('A product in this transaction is gone');
  return row.publishedAt;
}
