import { Prisma } from '../generated/prisma/client';

/** An expression: the ids of a product's categories and of all above them, as an array. @param productId an expression. */
export const lineageOf = (tenantId: string, productId: Prisma.Sql): Prisma.Sql => Prisma.sql`ARRAY(
  WITH RECURSIVE up AS (
    SELECT own.id, own.parent_id FROM product_categories AS link
    JOIN categories AS own ON own.tenant_id = link.tenant_id AND own.id = link.category_id
    WHERE link.tenant_id = ${tenantId} AND link.product_id = ${productId}
    UNION
    SELECT above.id, above.parent_id FROM up JOIN categories AS above ON above.tenant_id = ${tenantId} AND above.id = up.parent_id
  )
  SELECT id FROM up ORDER BY id)`;
