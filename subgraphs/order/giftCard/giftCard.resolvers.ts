import { formatMoney } from '../../shared/money';
import { creditAccountById, entriesByAccountId } from '../credit/credit.loaders';
import type { CreditAccount } from '../generated/prisma/client';
import type { Resolvers } from '../generated/resolvers';
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
