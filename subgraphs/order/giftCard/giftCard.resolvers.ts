import { formatMoney } from '../../shared/money';
import { pricedCart } from '../cart/cart.loaders';
import { creditAccountById, entriesByAccountId } from '../credit/credit.loaders';
import type { CreditAccount } from '../generated/prisma/client';
import type { Resolvers } from '../generated/resolvers';
import { cartGiftCardApply, cartGiftCardRemove } from './cartGiftCard.service';
import { giftCardAdjust, giftCardSwitch, giftCardUpdate, listGiftCards } from './giftCard.service';
import { giftCardCreate } from './giftCardCreate.service';

const cardOrNull = (account: CreditAccount | null) => (account?.kind === 'GIFT_CARD' ? account : null);

export const giftCardResolvers: Resolvers = {
  Query: {
    giftCard: async (_root, { id }, ctx) => cardOrNull(await creditAccountById(ctx).load(id)),
    giftCards: (_root, args, ctx) => listGiftCards(ctx, args),
  },
  Mutation: {
    giftCardCreate: (_root, { input }, ctx) => giftCardCreate(ctx, input),
    giftCardUpdate: (_root, { id, input }, ctx) => giftCardUpdate(ctx, id, input),
    giftCardDisable: (_root, { id }, ctx) => giftCardSwitch(ctx, id, false),
    giftCardEnable: (_root, { id }, ctx) => giftCardSwitch(ctx, id, true),
    giftCardAdjust: (_root, { id, input }, ctx) => giftCardAdjust(ctx, id, input),
    cartGiftCardApply: (_root, { id, input }, ctx) => cartGiftCardApply(ctx, id, input),
    cartGiftCardRemove: (_root, { id, input }, ctx) => cartGiftCardRemove(ctx, id, input),
  },
  Cart: {
    giftCards: async (cart, _args, ctx) => {
      const { giftCardIds } = cart;
      if (giftCardIds.length === 0) return [];
      const { cost } = await pricedCart(ctx).load(cart);
      const cards = await creditAccountById(ctx).loadMany(giftCardIds);
      return cards.flatMap((card) => {
        if (card === null) return [];
        if (card instanceof Error) throw card;
        const { id, lastCharacters, balance, currencyCode, expiresAt } = card;
        const money = (minorUnits: bigint) => formatMoney({ minorUnits, currencyCode });
        const applied = cost?.shares.find(({ accountId }) => accountId === id)?.amount ?? 0n;
        return [
          { id, lastCharacters: lastCharacters ?? '', balance: money(balance), applied: money(applied), expiresAt },
        ];
      });
    },
  },
  GiftCard: {
    __resolveReference: async ({ id }, ctx) => cardOrNull(await creditAccountById(ctx).load(id)),
    lastCharacters: ({ lastCharacters }) => lastCharacters ?? '',
    initialAmount: ({ initialAmount, currencyCode }) => formatMoney({ minorUnits: initialAmount, currencyCode }),
    balance: ({ balance, currencyCode }) => formatMoney({ minorUnits: balance, currencyCode }),
    isActive: ({ disabledAt }) => disabledAt === null,
    entries: async ({ id, currencyCode }, _args, ctx) =>
      (await entriesByAccountId(ctx).load(id)).map((entry) => ({ ...entry, currencyCode })),
  },
};
