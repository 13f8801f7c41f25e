import { type Connection, readPage, toConnection } from '../../shared/pagination';
import type { Context } from '../context';
import type { Customer } from '../generated/prisma/client';
import type { QueryCustomersArgs } from '../generated/resolvers';
import { searchConditions } from '../orders/searchTerms';

export type CustomerConnection = Connection<Customer>;

export async function listCustomers(ctx: Context, args: QueryCustomersArgs): Promise<CustomerConnection> {
  const page = readPage(args, { key: 'CREATED_AT', column: 'createdAt', kind: 'date', reverse: args.reverse });
  const where = {
    tenantId: ctx.tenantId,
    AND: searchConditions(args.query ?? '').map((term) => ({ searchTerms: { some: { term } } })),
  };
  const customers = await ctx.db.customer.findMany({ ...page.query, where: { AND: [where, page.query.where] } });
  return toConnection(customers, page, () => ctx.db.customer.count({ where }));
}
