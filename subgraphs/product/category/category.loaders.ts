import { alignToKeys, groupByKey } from '../../shared/batches';
import { type Category, Prisma } from '../generated/prisma/client';
import { loader } from '../loader';
import { lineageOf } from './lineage';

// Each loader runs one statement for all keys of a tick, however deep the tree is.

export const categoryById = loader(async ({ db, tenantId }, ids) => {
  const categories = await db.category.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, categories, (category) => category.id);
});

/** The categories that a product is assigned to, without their ancestors. */
export const categoriesByProductId = loader(async ({ db, tenantId }, productIds) => {
  const links = await db.productCategory.findMany({
    where: { tenantId, productId: { in: [...productIds] } },
    include: { category: true },
    orderBy: { categoryId: 'asc' },
    relationLoadStrategy: 'join',
  });
  const grouped = groupByKey(productIds, links, (link) => link.productId);
  return grouped.map((group) => group.map((link) => link.category));
});

/** The ids of a product's categories and of all above them. */
export const lineageByProductId = loader<string[]>(async ({ db, tenantId }, productIds) => {
  const rows = await db.$queryRaw<{ productId: string; ids: string[] }[]>`
    SELECT product_id AS "productId", ${lineageOf(tenantId, Prisma.sql`asked.product_id`)} AS ids
    FROM unnest(${[...productIds]}::text[]) AS asked (product_id)`;
  const byId = new Map(rows.map(({ productId, ids }) => [productId, ids]));
  return productIds.map((id) => byId.get(id) ?? []);
});

/** In the order they are shown. */
export const childrenByCategoryId = loader(async ({ db, tenantId }, ids) => {
  const children = await db.category.findMany({
    where: { tenantId, parentId: { in: [...ids] } },
    orderBy: [{ position: 'asc' }, { id: 'asc' }],
  });
  return groupByKey(ids, children, (child) => child.parentId ?? '');
});

/** From the top of the tree down to its parent. */
export const ancestorsByCategoryId = loader<Category[]>(async ({ db, tenantId }, ids) => {
  const rows = await db.$queryRaw<(Category & { startId: string })[]>`
    WITH RECURSIVE up AS (
      SELECT id AS start_id, parent_id, 0 AS distance FROM categories WHERE tenant_id = ${tenantId} AND id = ANY (${[...ids]})
      UNION ALL
      SELECT start_id, above.parent_id, distance + 1
      FROM up JOIN categories AS above ON above.tenant_id = ${tenantId} AND above.id = up.parent_id
    )
    SELECT start_id AS "startId", tenant_id AS "tenantId", id, categories.parent_id AS "parentId", name, slug, description,
      seo_title AS "seoTitle", seo_description AS "seoDescription", position, version,
      created_at AS "createdAt", updated_at AS "updatedAt"
    FROM up JOIN categories ON tenant_id = ${tenantId} AND id = up.parent_id ORDER BY start_id, distance DESC`;
  return groupByKey(ids, rows, (row) => row.startId);
});

/** The ids of a category and all its descendants. */
export const branchIdsByCategoryId = loader(async ({ db, tenantId }, ids) => {
  const rows = await db.$queryRaw<{ startId: string; id: string }[]>`
    WITH RECURSIVE branch AS (
      SELECT id AS start_id, id FROM categories WHERE tenant_id = ${tenantId} AND id = ANY (${[...ids]})
      UNION ALL
      SELECT start_id, below.id FROM branch JOIN categories AS below ON below.tenant_id = ${tenantId} AND below.parent_id = branch.id
    )
    SELECT start_id AS "startId", id FROM branch`;
  return groupByKey(ids, rows, (row) => row.startId).map((branch) => branch.map(({ id }) => id));
});
