import type { Context } from '../context';
import { isWanted, type WantedCredit } from '../credit/wantedCredit';
import type { Cart } from '../generated/prisma/client';
import { accountOf } from '../input/accountOf';

/** Of one cart. */
export const MAX_GIFT_CARDS = 10;

/** What the buyer of a cart pays with; null for neither gift cards nor store credit, which is for who has signed in. */
export function creditOfCart(
  { caller }: Context,
  { giftCardIds, usesStoreCredit }: Pick<Cart, 'giftCardIds' | 'usesStoreCredit'>,
): WantedCredit | null {
  const wanted = { giftCardIds, customerId: usesStoreCredit ? accountOf(caller) : null };
  return isWanted(wanted) ? wanted : null;
}
