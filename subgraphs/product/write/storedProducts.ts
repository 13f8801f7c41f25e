import { groupByKey } from '../../shared/batches';
import { IMAGE_COLUMNS, PRODUCT_COLUMNS, VARIANT_COLUMNS } from '../catalog/rowColumns';
import type { Tx } from '../database';
import { Prisma, type Product, type ProductImage, type ProductVariant } from '../generated/prisma/client';
import { findMetafields, type MetafieldModel } from '../metafield/metafields';
import type { Option } from '../option/optionChange';

/** A product with all that belongs to it, each list in its order. */
export interface StoredProduct {
  product: Product;
  options: Option[];
  variants: ProductVariant[];
  images: ProductImage[];
  categoryIds: string[];
  metafields: MetafieldModel[];
  /** By the variants' ids. */
  variantMetafields: Map<string, MetafieldModel[]>;
}

/**
 * Locks products until the transaction ends, as changeProduct locks one, and reads all that belongs to them: one statement a
 * table, however many there are. In the order of their ids, so that of two who lock the same ones neither waits for the other.
 * @returns by their ids; what is no product of the store's is not there.
 */
export const lockProducts = (tx: Tx, tenantId: string, ids: string[]): Promise<Map<string, StoredProduct>> =>
  readProducts(tx, tenantId, ids, Prisma.sql`FOR NO KEY UPDATE`);

/** As {@link lockProducts}, without a lock: what is there may be something else in a moment. */
export const findProducts = (tx: Tx, tenantId: string, ids: string[]): Promise<Map<string, StoredProduct>> =>
  readProducts(tx, tenantId, ids, Prisma.empty);

async function readProducts(
  tx: Tx,
  tenantId: string,
  ids: string[],
  lock: Prisma.Sql,
): Promise<Map<string, StoredProduct>> {
  const products = await tx.$queryRaw<Product[]>`
    SELECT ${PRODUCT_COLUMNS} FROM products p WHERE p.tenant_id = ${tenantId} AND p.id = ANY (${ids}::text[])
    ORDER BY p.id ${lock}`;
  // Only now: a statement sees what was there when it began, and the ones who had the lock before have written since.
  const variants = await tx.$queryRaw<ProductVariant[]>`
    SELECT ${VARIANT_COLUMNS} FROM product_variants v
    WHERE v.tenant_id = ${tenantId} AND v.product_id = ANY (${ids}::text[]) ORDER BY v.position`;
  const options = await tx.$queryRaw<(Option & { productId: string })[]>`
    SELECT product_id AS "productId", name, values FROM product_options
    WHERE tenant_id = ${tenantId} AND product_id = ANY (${ids}::text[]) ORDER BY position`;
  const images = await tx.$queryRaw<ProductImage[]>`
    SELECT ${IMAGE_COLUMNS} FROM product_images i
    WHERE i.tenant_id = ${tenantId} AND i.product_id = ANY (${ids}::text[]) ORDER BY i.position`;
  const links = await tx.$queryRaw<{ productId: string; categoryId: string }[]>`
    SELECT product_id AS "productId", category_id AS "categoryId" FROM product_categories
    WHERE tenant_id = ${tenantId} AND product_id = ANY (${ids}::text[])`;
  const metafields = await findMetafields(tx, { kind: 'product', tenantId, ids }, true);
  const variantIds = variants.map(({ id }) => id);
  const ofVariants = await findMetafields(tx, { kind: 'variant', tenantId, ids: variantIds }, true);

  const found = products.map(({ id }) => id);
  const byProduct = <Row extends { productId: string }>(rows: Row[]) => groupByKey(found, rows, (row) => row.productId);
  const byOwner = (owners: string[], rows: MetafieldModel[]) => groupByKey(owners, rows, ({ ownerId }) => ownerId);
  const parts = {
    options: byProduct(options),
    variants: byProduct(variants),
    images: byProduct(images),
    links: byProduct(links),
    metafields: byOwner(found, metafields),
  };
  const variantMetafields = new Map(
    byOwner(variantIds, ofVariants).map((group, index) => [variantIds[index] ?? '', group]),
  );
  return new Map(
    products.map((product, index) => [
      product.id,
      {
        product,
        options: (parts.options[index] ?? []).map(({ name, values }) => ({ name, values })),
        variants: parts.variants[index] ?? [],
        images: parts.images[index] ?? [],
        categoryIds: (parts.links[index] ?? []).map(({ categoryId }) => categoryId),
        metafields: parts.metafields[index] ?? [],
        variantMetafields,
      },
    ]),
  );
}
