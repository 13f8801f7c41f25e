import { badUserInput } from '../../shared/errors';
import type { Context } from '../context';
import type { Order } from '../generated/prisma/client';
import type { QueryGuestOrderArgs } from '../generated/resolvers';

/**
 * An order for who has not signed in: by the token that came with it, or by its number and e-mail address. Whatever does
 * not fit is null, so that nothing can be learned but by knowing all of it; and one request tries once, so that numbers
 * can't be tried by the thousand. Orders of who has signed in are seen by signing in, or by their token.
 */
export async function findGuestOrder(ctx: Context, args: QueryGuestOrderArgs): Promise<Order | null> {
  const { accessToken, number, email } = args;
  const byToken = accessToken != null && number == null && email == null;
  const byNumber = accessToken == null && number != null && email != null;
  if (!byToken && !byNumber) throw badUserInput('accessToken', 'either accessToken, or number and email');
  if (!ctx.mayLookUp()) throw badUserInput('accessToken', 'one guestOrder in a request');

  const { tenantId } = ctx;
  if (byToken) {
    const id = ctx.links.orderOf(tenantId, accessToken);
    return id === null ? null : ctx.db.order.findFirst({ where: { tenantId, id, erasedAt: null } });
  }
  if (!byNumber) return null;
  const order = await ctx.db.order.findFirst({ where: { tenantId, number, customerId: null, erasedAt: null } });
  return order?.email.toLowerCase() === email.trim().toLowerCase() ? order : null;
}
