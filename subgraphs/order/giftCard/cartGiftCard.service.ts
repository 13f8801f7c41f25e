import { badUserInput } from '../../shared/errors';
import { limitReached, notFound, payload, refusal, UserErrors } from '../../shared/userErrors';
import { pricedCart } from '../cart/cart.loaders';
import type { CartContext } from '../cart/cartContext';
import { MAX_GIFT_CARDS } from '../cart/cartCredit';
import { changeCart, findOpenCart } from '../cart/openCart';
import type { Cart, CreditAccount } from '../generated/prisma/client';
import type { CartGiftCardApplyInput, CartGiftCardRemoveInput, UserErrorCode } from '../generated/resolvers';
import { requestLimit } from '../requestLimit';
import { hashOfCode } from './giftCardCode';

const MAX_CODES = 5;
const mayTryCode = requestLimit(MAX_CODES);
const CODE = ['input', 'code'];

const cartPayload = (work: () => Promise<Cart>) => payload<'cart', Cart, UserErrorCode>('cart', work);

/** Puts a card on a cart, for its balance as it is when the order is placed: nothing is taken from it before. */
export function cartGiftCardApply(ctx: CartContext, id: string, input: CartGiftCardApplyInput) {
  return cartPayload(async () => {
    // Before the code is looked up: who has no cart of this store learns nothing of its cards.
    const cart = await findOpenCart(ctx.db, ctx, id);
    if (!cart) throw new UserErrors(notFound('cart'));
    const card = await usableCard(ctx, input.code);
    const { cost } = await pricedCart(ctx).load(cart);
    if (cost && cost.currencyCode !== card.currencyCode) {
      throw refusal<UserErrorCode>(CODE, 'CURRENCY_MISMATCH', `The gift card is in ${card.currencyCode}.`);
    }
    return changeCart(ctx, id, input.expectedVersion, async (tx, { giftCardIds }) => {
      if (giftCardIds.includes(card.id)) return;
      if (giftCardIds.length >= MAX_GIFT_CARDS) {
        throw new UserErrors(limitReached(CODE, `A cart has up to ${MAX_GIFT_CARDS} gift cards.`));
      }
      const where = { tenantId: ctx.tenantId, id };
      await tx.cart.updateMany({ where, data: { giftCardIds: [...giftCardIds, card.id] } });
    });
  });
}

export function cartGiftCardRemove(ctx: CartContext, id: string, input: CartGiftCardRemoveInput) {
  return cartPayload(() =>
    changeCart(ctx, id, input.expectedVersion, async (tx, { giftCardIds }) => {
      const left = giftCardIds.filter((cardId) => cardId !== input.giftCardId);
      if (left.length === giftCardIds.length) {
        throw new UserErrors(notFound('gift card of this cart', ['input', 'giftCardId']));
      }
      await tx.cart.updateMany({ where: { tenantId: ctx.tenantId, id }, data: { giftCardIds: left } });
    }),
  );
}

/** Counts the try: see guessLimits.ts. @throws UserErrors | GraphQLError BAD_USER_INPUT | THROTTLED */
async function usableCard(ctx: CartContext, code: string): Promise<CreditAccount> {
  if (!mayTryCode(ctx)) throw badUserInput('input.code', `up to ${MAX_CODES} codes in a request`);
  const { db, tenantId } = ctx;
  const look = () => db.creditAccount.findFirst({ where: { tenantId, codeHash: hashOfCode(tenantId, code) } });
  const card = await ctx.services.guesses.attempt(ctx.caller, 'giftCard', { look, isWrong: (found) => found === null });
  const refuse = (message: string) => refusal<UserErrorCode>(CODE, 'GIFT_CARD_NOT_USABLE', message);
  if (!card) throw refuse('No gift card has this code.');
  if (card.disabledAt) throw refuse('The gift card is switched off.');
  // By this process's clock, for the message; what counts is the database's, when the order is placed.
  if (card.expiresAt && card.expiresAt.getTime() <= Date.now()) throw refuse('The gift card has expired.');
  if (card.balance === 0n) throw refuse('Nothing is left on the gift card.');
  return card;
}
