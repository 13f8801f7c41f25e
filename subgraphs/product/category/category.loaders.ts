import DataLoader from 'dataloader';
import { alignToKeys, groupByKey } from '../../shared/batches';
import type { DatabaseContext } from '../../shared/callerContext';
import type { Db } from '../database';
import type { Category } from '../generated/prisma/client';
import type { ProductConnection } from '../listing/productList.service';

export interface CategoryLoaders {
  categoryById: DataLoader<string, Category | null>;
  childrenByCategoryId: DataLoader<string, Category[]>;
  /** From the top of the tree down to its parent. */
  ancestorsByCategoryId: DataLoader<string, Category[]>;
  /** Itself and all below it. */
  branchIdsByCategoryId: DataLoader<string, string[]>;
  /** One for each way of listing that the request asks for, by its arguments; categoryProducts makes them. */
  productsByCategoryId: Map<string, DataLoader<string, ProductConnection>>;
}

/** One statement for all keys of a tick, however deep the tree is. */
export function createCategoryLoaders(ctx: DatabaseContext<Db>): CategoryLoaders {
  const { db } = ctx;
  return {
    productsByCategoryId: new Map(),
    categoryById: new DataLoader(async (ids) => {
      const categories = await db.category.findMany({ where: { tenantId: ctx.tenantId, id: { in: [...ids] } } });
      return alignToKeys(ids, categories, (category) => category.id);
    }),
    childrenByCategoryId: new DataLoader(async (ids) => {
      const children = await db.category.findMany({
        where: { tenantId: ctx.tenantId, parentId: { in: [...ids] } },
        orderBy: [{ position: 'asc' }, { id: 'asc' }],
      });
      return groupByKey(ids, children, (child) => child.parentId ?? '');
    }),
    ancestorsByCategoryId: new DataLoader(async (ids) => {
      const { tenantId } = ctx;
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
    }),
    branchIdsByCategoryId: new DataLoader(async (ids) => {
      const { tenantId } = ctx;
      const rows = await db.$queryRaw<{ startId: string; id: string }[]>`
        WITH RECURSIVE branch AS (
          SELECT id AS start_id, id FROM categories WHERE tenant_id = ${tenantId} AND id = ANY (${[...ids]})
          UNION ALL
          SELECT start_id, below.id FROM branch JOIN categories AS below ON below.tenant_id = ${tenantId} AND below.parent_id = branch.id
        )
        SELECT start_id AS "startId", id FROM branch`;
      return groupByKey(ids, rows, (row) => row.startId).map((branch) => branch.map(({ id }) => id));
    }),
  };
}
