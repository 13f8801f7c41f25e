import { type Connection, type Page, readPage, type SortOrder, toConnection } from '../../shared/pagination';
import { PRODUCT_COLUMNS } from '../catalog/rowColumns';
import type { Context } from '../context';
import { Prisma, type Product } from '../generated/prisma/client';
import type { QueryProductsArgs } from '../generated/resolvers';
import { type Facets, loadFacets } from './productFacets';
import { productConditions } from './productFilter';
import { type ProductOrder, productOrder } from './productOrder';
import { productSearch } from './productSearch';

type ListedProduct = Product & { sortValue: unknown };

export type ProductConnection = Connection<Product> & {
  /** Runs only when the client asks for it. */
  facets: () => Promise<Facets>;
};

/**
 * One statement a page; the count and the facets are one each, when they are asked for.
 * @param within what each product `p` must be, beside what the client asks for.
 */
export async function listProducts(
  ctx: Context,
  args: QueryProductsArgs,
  within?: Prisma.Sql,
): Promise<ProductConnection> {
  const { from, order, page } = readList(ctx, args, within);
  const products = await ctx.db.$queryRaw<ListedProduct[]>(pageStatement(from, order, page));
  for (const product of products) ctx.loaders.productById.prime(product.id, product);
  const count = async () => {
    const [counted] = await ctx.db.$queryRaw<{ count: number }[]>(countStatement(from));
    return counted?.count ?? 0;
  };
  return Object.assign(toConnection(products, page, count), { facets: () => loadFacets(ctx, from) });
}

/** What a list is of, and how it is sorted and cut. @throws GraphQLError BAD_USER_INPUT naming the argument. */
export function readList(
  ctx: Context,
  { where, query, sortKey, reverse, ...cut }: QueryProductsArgs,
  within = Prisma.sql`true`,
) {
  const search = productSearch(ctx.tenantId, query);
  const order = productOrder(sortKey, reverse, search !== null);
  const conditions = Prisma.join([...productConditions(ctx, where), within], ' AND ');
  const from = Prisma.sql`FROM products p ${order.sort.join ?? Prisma.empty} ${search?.join ?? Prisma.empty} WHERE ${conditions}`;
  return { from, order, page: readPage(cut, order) };
}

export function pageStatement(from: Prisma.Sql, { sort: { key }, kind }: ProductOrder, page: Page): Prisma.Sql {
  const direction = page.descending ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const bounds = page.bounds.map(({ side, value, id }) => {
    const bound = Prisma.sql`(${written(kind, value)}, ${id}::text)`;
    return side === 'gt' ? Prisma.sql`AND (${key}, p.id) > ${bound}` : Prisma.sql`AND (${key}, p.id) < ${bound}`;
  });
  return Prisma.sql`
    SELECT ${PRODUCT_COLUMNS}, ${key} AS "sortValue" ${from} ${bounds.length > 0 ? Prisma.join(bounds, ' ') : Prisma.empty}
    ORDER BY ${key} ${direction}, p.id ${direction} LIMIT ${page.query.take}`;
}

export const countStatement = (from: Prisma.Sql): Prisma.Sql => Prisma.sql`SELECT count(*)::int AS count ${from}`;

/** A cursor's value, as the type that its sort key has. */
function written(kind: SortOrder['kind'], value: unknown): Prisma.Sql {
  const cast = {
    date: Prisma.sql`::timestamptz`,
    text: Prisma.sql`::text`,
    bigint: Prisma.sql`::bigint`,
    number: Prisma.sql`::int`,
  };
  return Prisma.sql`${value}${cast[kind]}`;
}
