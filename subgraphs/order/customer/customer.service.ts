import { badUserInput } from '../../shared/errors';
import { type Connection, readPage, toConnection } from '../../shared/pagination';
import type { Context } from '../context';
import type { Customer } from '../generated/prisma/client';
import type { QueryCustomersArgs } from '../generated/resolvers';
import { searchConditions } from '../orders/searchTerms';

const MAX_TAGS = 100;

export type CustomerConnection = Connection<Customer>;

function readTags(tags: string[]): string[] {
  if (tags.length > MAX_TAGS) throw badUserInput('where.tags', `at most ${MAX_TAGS}`);
  return tags;
}

export async function listCustomers(ctx: Context, args: QueryCustomersArgs): Promise<CustomerConnection> {
  const page = readPage(args, { key: 'CREATED_AT', column: 'createdAt', kind: 'date', reverse: args.reverse });
  const where = {
    tenantId: ctx.tenantId,
    ...(args.where?.tags && { tags: { hasSome: readTags(args.where.tags) } }),
    AND: searchConditions(args.query ?? '').map((term) => ({ searchTerms: { some: { term } } })),
  };
  const customers = await ctx.db.customer.findMany({ ...page.query, where: { AND: [where, page.query.where] } });
  return toConnection(customers, page, () => ctx.db.customer.count({ where }));
}
