import { badUserInput } from '../../shared/errors';
import type { SortOrder } from '../../shared/pagination';
import { Prisma } from '../generated/prisma/client';
import type { ProductSortKey } from '../generated/resolvers';

interface Sort {
  /** The sort key of the product `p`, never null. Indexed, except for RELEVANCE. */
  key: Prisma.Sql;
  kind: SortOrder['kind'];
  /** The product's id in the key's table, so that one index covers both. */
  id?: Prisma.Sql;
  join?: Prisma.Sql;
  /** Sorts descending by default: the best comes first. */
  bestFirst?: true;
}

const SORTS: Record<ProductSortKey, Sort> = {
  CREATED_AT: { key: Prisma.sql`p.created_at`, kind: 'date' },
  UPDATED_AT: { key: Prisma.sql`p.updated_at`, kind: 'date' },
  NAME: { key: Prisma.sql`p.name`, kind: 'text' },
  PRICE: { key: Prisma.sql`p.min_price_amount`, kind: 'bigint' },
  // A trigger inserts a row of product_sales for each product, so the inner join leaves no product out.
  BEST_SELLING: {
    key: Prisma.sql`sales.sold_quantity`,
    kind: 'bigint',
    id: Prisma.sql`sales.product_id`,
    bestFirst: true,
    join: Prisma.sql`JOIN product_sales sales ON sales.tenant_id = p.tenant_id AND sales.product_id = p.id`,
  },
  RELEVANCE: { key: Prisma.sql`hit.rank`, kind: 'number', bestFirst: true },
};

export interface ProductOrder extends SortOrder {
  sort: Sort;
}

/** @throws GraphQLError BAD_USER_INPUT for RELEVANCE without a query. */
export function productOrder(sortKey: ProductSortKey, reverse: boolean, isSearch: boolean): ProductOrder {
  if (sortKey === 'RELEVANCE' && !isSearch) throw badUserInput('sortKey', 'RELEVANCE only with a query');
  const sort = SORTS[sortKey];
  return { key: sortKey, column: 'sortValue', kind: sort.kind, reverse: reverse !== (sort.bestFirst ?? false), sort };
}
