import type { Tx } from '../database';
import type { Option } from '../option/optionChange';

// What belongs to products, of any number of them: the rows go as one value, so that a statement is the same for any of them.

export interface NewImage {
  id: string;
  productId: string;
  position: number;
  url: string | null;
  altText: string | null;
}

export async function insertOptions(
  tx: Tx,
  tenantId: string,
  products: { id: string; options: readonly Option[] }[],
): Promise<void> {
  const rows = products.flatMap(({ id, options }) =>
    options.map(({ name, values }, position) => ({ id, position, name, values })),
  );
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO product_options (tenant_id, product_id, position, name, values)
    SELECT ${tenantId}, id, position, name, values
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS option (id text, position int, name text, values text[])`;
}

export async function insertImages(tx: Tx, tenantId: string, images: NewImage[]): Promise<void> {
  if (images.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO product_images (tenant_id, id, product_id, position, url, alt_text)
    SELECT ${tenantId}, id, "productId", position, url, "altText"
    FROM jsonb_to_recordset(${JSON.stringify(images)}::jsonb)
      AS image (id text, "productId" text, position int, url text, "altText" text)`;
}

export interface CategoryLink {
  productId: string;
  categoryId: string;
}

/** A foreign key refuses what is no category of the store's; one in which the product is already is passed over. */
export async function insertLinks(tx: Tx, tenantId: string, links: CategoryLink[]): Promise<void> {
  if (links.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO product_categories (tenant_id, product_id, category_id)
    SELECT ${tenantId}, "productId", "categoryId"
    FROM jsonb_to_recordset(${JSON.stringify(links)}::jsonb) AS link ("productId" text, "categoryId" text)
    ON CONFLICT DO NOTHING`;
}

export async function deleteLinks(tx: Tx, tenantId: string, links: CategoryLink[]): Promise<void> {
  if (links.length === 0) return;
  await tx.$executeRaw`
    DELETE FROM product_categories USING jsonb_to_recordset(${JSON.stringify(links)}::jsonb)
      AS link ("productId" text, "categoryId" text)
    WHERE tenant_id = ${tenantId} AND product_id = "productId" AND category_id = "categoryId"`;
}
