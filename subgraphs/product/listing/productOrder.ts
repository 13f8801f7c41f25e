import { badUserInput } from '../../shared/errors';
import type { SortOrder } from '../../shared/pagination';
import { Prisma } from '../generated/prisma/client';
import type { ProductSortKey } from '../generated/resolvers';

interface Sort {
  /** Of the product `p`, never null. An index of products has it where the list is not of what was found. */
  key: Prisma.Sql;
  kind: SortOrder['kind'];
  join?: Prisma.Sql;
  /** The best first, when the client does not ask for the reverse. */
  bestFirst?: true;
}

const SORTS: Record<ProductSortKey, Sort> = {
  CREATED_AT: { key: Prisma.sql`p.created_at`, kind: 'date' },
  UPDATED_AT: { key: Prisma.sql`p.updated_at`, kind: 'date' },
  NAME: { key: Prisma.sql`p.name`, kind: 'text' },
  PRICE: { key: Prisma.sql`p.min_price_amount`, kind: 'bigint' },
  // What was never bought has no row: no index has this order, and the store's own products are sorted.
  BEST_SELLING: {
    key: Prisma.sql`coalesce(sales.sold_quantity, 0)`,
    kind: 'bigint',
    bestFirst: true,
    join: Prisma.sql`LEFT JOIN product_sales sales ON sales.tenant_id = p.tenant_id AND sales.product_id = p.id`,
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
