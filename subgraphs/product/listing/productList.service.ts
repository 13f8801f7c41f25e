import DataLoader from 'dataloader';
import { groupByKey } from '../../shared/batches';
import type { CallerContext } from '../../shared/callerContext';
import { type Connection, type Page, readPage, type SortOrder, toConnection } from '../../shared/pagination';
import { productById } from '../catalog/product.loaders';
import type { Context } from '../context';
import { selected } from '../fields/columns';
import { PRODUCT_COLUMNS } from '../fields/productFields';
import { Prisma, type Product } from '../generated/prisma/client';
import type { QueryProductsArgs } from '../generated/resolvers';
import { type Counted, type Facets, type FacetsSource, facetsStatement, toFacets } from './productFacets';
import { productConditions } from './productFilter';
import { type ProductOrder, productOrder } from './productOrder';
import { productSearch } from './productSearch';

type ListedProduct = Product & { sortValue: unknown };

export type ProductConnection = Connection<Product> & {
  /** Runs only when the client asks for facets. */
  facets: () => Promise<Facets>;
};

/** A list's products, their order, and the requested page. */
export interface ProductList {
  from: Prisma.Sql;
  order: ProductOrder;
  page: Page;
  facets: FacetsSource;
}

/** The page takes one statement; the count and the facets take one each, only when the client asks for them. */
export async function listProducts(ctx: Context, args: QueryProductsArgs): Promise<ProductConnection> {
  const list = readList(ctx, args);
  const products = await ctx.db.$queryRaw<ListedProduct[]>(pageStatement(list));
  const count = async () => {
    const [counted] = await ctx.db.$queryRaw<{ count: number }[]>(countStatement(list));
    return counted?.count ?? 0;
  };
  return connectionOf(ctx, list, products, {
    count,
    facets: async () => toFacets(ctx, await ctx.db.$queryRaw<Counted[]>(facetsStatement(ctx.tenantId, list.facets))),
  });
}

/** One of several lists that differ only in the value that `within` compares. */
export interface OneOfLists {
  id: string;
  value: string[];
}

/**
 * Reads several lists together: one statement for all their pages, one for all counts and one for all facets.
 * @param within a condition on each product `p`, which uses `list.value`, a text[].
 */
export async function listProductsOf(
  ctx: Context,
  args: QueryProductsArgs,
  lists: OneOfLists[],
  within: Prisma.Sql,
): Promise<ProductConnection[]> {
  const list = readList(ctx, args, within);
  const load = async <Row>(statement: Prisma.Sql, ids: readonly string[], order?: Prisma.Sql) => {
    const asked = lists.filter(({ id }) => ids.includes(id));
    const rows = await ctx.db.$queryRaw<(Row & { listId: string })[]>(eachStatement(asked, statement, order));
    return groupByKey(ids, rows, ({ listId }) => listId);
  };
  const ids = lists.map(({ id }) => id);
  const pages = await load<ListedProduct>(pageStatement(list), ids, pageOrder(list));
  const counts = new DataLoader<string, number>(async (some) =>
    (await load<{ count: number }>(countStatement(list), some)).map(([counted]) => counted?.count ?? 0),
  );
  const facets = new DataLoader<string, Facets>(async (some) => {
    const order = Prisma.sql`facet, name, count DESC, value`;
    const counted = await load<Counted>(facetsStatement(ctx.tenantId, list.facets), some, order);
    return Promise.all(counted.map((rows) => toFacets(ctx, rows)));
  });
  return pages.map((products, index) => {
    const id = ids[index] ?? '';
    return connectionOf(ctx, list, products, { count: () => counts.load(id), facets: () => facets.load(id) });
  });
}

/** Combines a statement that uses `list.value` into one that runs it for each of `lists`. */
export function eachStatement(lists: OneOfLists[], statement: Prisma.Sql, order = Prisma.sql`"listId"`): Prisma.Sql {
  return Prisma.sql`
    SELECT list.id AS "listId", found.*
    FROM jsonb_to_recordset(${JSON.stringify(lists)}::jsonb) AS list (id text, value text[])
    CROSS JOIN LATERAL (${statement}) AS found ORDER BY ${order}`;
}

function connectionOf(
  ctx: Context,
  { page }: ProductList,
  products: ListedProduct[],
  { count, facets }: { count: () => Promise<number>; facets: () => Promise<Facets> },
): ProductConnection {
  for (const product of products) productById(ctx).prime(product.id, product);
  return Object.assign(toConnection(products, page, count), { facets });
}

/** @throws GraphQLError BAD_USER_INPUT naming the argument. */
export function readList(
  ctx: CallerContext,
  { where, query, sortKey, reverse, ...cut }: QueryProductsArgs,
  within = Prisma.sql`true`,
): ProductList {
  const search = productSearch(ctx.tenantId, query);
  const order = productOrder(sortKey, reverse, search !== null);
  const conditions = productConditions(ctx, where);
  const base = [...conditions.base, within];
  const joined = (sort: Prisma.Sql) => Prisma.sql`FROM products p ${sort} ${search?.join ?? Prisma.empty}`;
  const every = Prisma.join([...base, ...Object.values(conditions.byFacet)], ' AND ');
  return {
    from: Prisma.sql`${joined(order.sort.join ?? Prisma.empty)} WHERE ${every}`,
    order,
    page: readPage(cut, order),
    facets: { ...conditions, base, from: joined(Prisma.empty) },
  };
}

export function pageStatement({ from, order, page }: ProductList): Prisma.Sql {
  const { sort, kind } = order;
  const { key, id: idColumn = Prisma.sql`p.id` } = sort;
  const direction = directionOf(page);
  const bounds = page.bounds.map(({ side, value, id }) => {
    const bound = Prisma.sql`(${castValue(kind, value)}, ${id}::text)`;
    return side === 'gt'
      ? Prisma.sql`AND (${key}, ${idColumn}) > ${bound}`
      : Prisma.sql`AND (${key}, ${idColumn}) < ${bound}`;
  });
  return Prisma.sql`
    SELECT ${selected('p', PRODUCT_COLUMNS)}, ${key} AS "sortValue" ${from} ${bounds.length > 0 ? Prisma.join(bounds, ' ') : Prisma.empty}
    ORDER BY ${key} ${direction}, ${idColumn} ${direction} LIMIT ${page.query.take}`;
}

/** The order of the rows of several pages: each page's own. */
const pageOrder = ({ page }: ProductList): Prisma.Sql =>
  Prisma.sql`"sortValue" ${directionOf(page)}, found.id ${directionOf(page)}`;

const directionOf = ({ descending }: Page): Prisma.Sql => (descending ? Prisma.sql`DESC` : Prisma.sql`ASC`);

export const countStatement = ({ from }: ProductList): Prisma.Sql => Prisma.sql`SELECT count(*)::int AS count ${from}`;

/** A cursor's value, cast to the type of its sort key. */
function castValue(kind: SortOrder['kind'], value: unknown): Prisma.Sql {
  const cast = {
    date: Prisma.sql`::timestamptz`,
    text: Prisma.sql`::text`,
    bigint: Prisma.sql`::bigint`,
    number: Prisma.sql`::int`,
  };
  return Prisma.sql`${value}${cast[kind]}`;
}
