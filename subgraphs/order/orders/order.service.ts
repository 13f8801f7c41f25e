import { badUserInput } from '../../shared/errors';
import { type Connection, type PageArgs, readPage, type SortOrder, toConnection } from '../../shared/pagination';
import type { Context } from '../context';
import type { Order, Prisma } from '../generated/prisma/client';
import type { OrderSortKey, QueryOrderArgs, QueryOrdersArgs } from '../generated/resolvers';
import { orderById } from './order.loaders';
import { CONFIRMED, orderFilter } from './orderFilter';
import { searchConditions } from './searchTerms';
import { visibleOrders } from './visibility';

export type OrderConnection = Connection<Order>;

const SORTS: Record<OrderSortKey, Pick<SortOrder, 'column' | 'kind'>> = {
  CREATED_AT: { column: 'createdAt', kind: 'date' },
  UPDATED_AT: { column: 'updatedAt', kind: 'date' },
  NUMBER: { column: 'number', kind: 'number' },
  TOTAL: { column: 'totalAmount', kind: 'bigint' },
};

/** An order without a value of the sort key is not in the list. */
const WITH_VALUE: Partial<Record<OrderSortKey, Prisma.OrderWhereInput>> = {
  NUMBER: CONFIRMED,
  TOTAL: { totalAmount: { not: null } },
};

export async function findOrder(ctx: Context, { id, number }: QueryOrderArgs): Promise<Order | null> {
  if ((id == null) === (number == null)) throw badUserInput('id', 'either id or number');
  if (id != null) return orderById(ctx).load(id);
  const visible = visibleOrders(ctx);
  return visible && number != null ? ctx.db.order.findFirst({ where: { ...visible, number } }) : null;
}

export function listOrders(ctx: Context, args: QueryOrdersArgs): Promise<OrderConnection> {
  const found = searchConditions(args.query ?? '').map((term) => ({ searchTerms: { some: { term } } }));
  const where = { tenantId: ctx.tenantId, AND: [orderFilter(args.where), ...found] };
  return pageOfOrders(ctx, where, args, args.sortKey, args.reverse);
}

export function listMyOrders(ctx: Context, args: PageArgs): Promise<OrderConnection> {
  const { userId } = ctx.caller;
  if (userId === null) throw new Error('myOrders is for signed-in callers: its rule lets no other pass');
  return pageOfOrders(ctx, { ...CONFIRMED, tenantId: ctx.tenantId, customerId: userId }, args, 'CREATED_AT', true);
}

/** A page of the orders that match `where`, which must include the tenant. */
export async function pageOfOrders(
  ctx: Context,
  where: Prisma.OrderWhereInput,
  args: PageArgs,
  key: OrderSortKey,
  reverse: boolean,
): Promise<OrderConnection> {
  const page = readPage(args, { key, ...SORTS[key], reverse });
  const listed = { AND: [where, WITH_VALUE[key] ?? {}] };
  const orders = await ctx.db.order.findMany({ ...page.query, where: { AND: [listed, page.query.where] } });
  return toConnection(orders, page, () => ctx.db.order.count({ where: listed }));
}
