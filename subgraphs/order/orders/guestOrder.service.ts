import { emailKey } from '../../shared/email';
import { badUserInput } from '../../shared/errors';
import type { GuessLimits } from '../../shared/guessLimits';
import type { Context } from '../context';
import type { Order } from '../generated/prisma/client';
import type { QueryGuestOrderArgs } from '../generated/resolvers';
import { requestLimit } from '../requestLimit';
import type { OrderLinks } from './orderLinks';

type GuestOrderContext = Context & { services: { links: OrderLinks; guesses: GuessLimits } };

const mayLookUp = requestLimit(1);

/**
 * An order for a guest: by its access token, or by its number and e-mail address. Null whichever part does not match, so that guessing
 * reveals nothing; only one look-up per request, and wrong ones are counted over time, so that numbers can't be enumerated. An order of an
 * account is not found by number and e-mail address. @throws GraphQLError THROTTLED after too many wrong look-ups
 */
export async function findGuestOrder(ctx: GuestOrderContext, args: QueryGuestOrderArgs): Promise<Order | null> {
  const { accessToken, number, email } = args;
  const byToken = accessToken != null && number == null && email == null;
  const byNumber = accessToken == null && number != null && email != null;
  if (!byToken && !byNumber) throw badUserInput('accessToken', 'either accessToken, or number and email');
  if (!mayLookUp(ctx)) throw badUserInput('accessToken', 'one guestOrder in a request');

  const { tenantId } = ctx;
  if (byToken) {
    const id = ctx.services.links.orderOf(tenantId, accessToken);
    return id === null ? null : ctx.db.order.findFirst({ where: { tenantId, id, erasedAt: null } });
  }
  if (!byNumber) return null;
  const look = async () => {
    const order = await ctx.db.order.findFirst({ where: { tenantId, number, customerId: null, erasedAt: null } });
    return order && emailKey(order.email) === emailKey(email) ? order : null;
  };
  return ctx.services.guesses.attempt(ctx.caller, 'guestOrder', { look, isWrong: (order) => order === null });
}
