import type { Tx } from '../database';
import { givenRows } from '../fields/columns';

/** A product's membership in a category. */
export interface CategoryLink {
  productId: string;
  categoryId: string;
}

const COLUMNS = { productId: 'text', categoryId: 'text' } as const;

export const readLinks = (tx: Tx, tenantId: string, productIds: string[]) => tx.$queryRaw<CategoryLink[]>`
  SELECT product_id AS "productId", category_id AS "categoryId" FROM product_categories
  WHERE tenant_id = ${tenantId} AND product_id = ANY (${productIds}::text[])`;

/** A foreign key refuses a category that the store does not have. Existing links are skipped. */
export async function changeLinks(
  tx: Tx,
  tenantId: string,
  { gone, added }: { gone: CategoryLink[]; added: CategoryLink[] },
): Promise<void> {
  if (gone.length > 0) {
    await tx.$executeRaw`
      DELETE FROM product_categories USING ${givenRows(COLUMNS, gone)}
      WHERE tenant_id = ${tenantId} AND product_id = given."productId" AND category_id = given."categoryId"`;
  }
  if (added.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO product_categories (tenant_id, product_id, category_id)
    SELECT ${tenantId}, given."productId", given."categoryId" FROM ${givenRows(COLUMNS, added)}
    ON CONFLICT DO NOTHING`;
}
