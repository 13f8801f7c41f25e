import { badUserInput } from '../../shared/errors';
import { type Connection, type PageArgs, readPage, toConnection } from '../../shared/pagination';
import type { Context } from '../context';
import type { Order, Prisma } from '../generated/prisma/client';
import type { QueryOrderArgs, QueryOrdersArgs } from '../generated/resolvers';
import { visibleOrders } from './visibility';

export type OrderConnection = Connection<Order>;

export async function findOrder(ctx: Context, { id, number }: QueryOrderArgs): Promise<Order | null> {
  if ((id == null) === (number == null)) throw badUserInput('id', 'either id or number');
  if (id != null) return ctx.loaders.orderById.load(id);
  const visible = visibleOrders(ctx);
  return visible && number != null ? ctx.db.order.findFirst({ where: { ...visible, number } }) : null;
}

export function listOrders(ctx: Context, args: QueryOrdersArgs): Promise<OrderConnection> {
  const where = {
    tenantId: ctx.tenantId,
    ...(args.where?.status && { status: { in: [...new Set(args.where.status)] } }),
  };
  return pageOfOrders(ctx, where, args, args.reverse);
}

export function listMyOrders(ctx: Context, args: PageArgs): Promise<OrderConnection> {
  const { userId } = ctx.caller;
  if (userId === null) throw new Error('myOrders is for signed-in callers: its rule lets no other pass');
  return pageOfOrders(ctx, { tenantId: ctx.tenantId, customerId: userId }, args, true);
}

async function pageOfOrders(ctx: Context, where: Prisma.OrderWhereInput, args: PageArgs, reverse: boolean) {
  const page = readPage(args, { key: 'CREATED_AT', column: 'createdAt', kind: 'date', reverse });
  const orders = await ctx.db.order.findMany({ ...page.query, where: { AND: [where, page.query.where] } });
  return toConnection(orders, page, () => ctx.db.order.count({ where }));
}
