import { formatMoney } from '../../shared/money';
import { pricedCart } from '../cart/cart.loaders';
import { creditByUserId, entriesByAccountId } from '../credit/credit.loaders';
import type { Resolvers } from '../generated/resolvers';
import { cartStoreCreditSelect, findOwnCredit, listOwnCredit, storeCreditAdjust } from './storeCredit.service';

export const storeCreditResolvers: Resolvers = {
  Query: { myStoreCreditAccounts: (_root, _args, ctx) => listOwnCredit(ctx) },
  Mutation: {
    storeCreditAdjust: (_root, { customerId, input }, ctx) => storeCreditAdjust(ctx, customerId, input),
    cartStoreCreditSelect: (_root, { id, input }, ctx) => cartStoreCreditSelect(ctx, id, input),
  },
  Customer: {
    storeCreditAccounts: ({ userId }, _args, ctx) => (userId === null ? [] : creditByUserId(ctx).load(userId)),
  },
  Cart: {
    storeCredit: async (cart, _args, ctx) => {
      const { cost } = await pricedCart(ctx).load(cart);
      const account = cost && (await findOwnCredit(ctx, cost.currencyCode));
      if (!account) return null;
      const { id, balance, currencyCode } = account;
      const applied = cost.shares.find(({ accountId }) => accountId === id)?.amount ?? 0n;
      return {
        isUsed: cart.usesStoreCredit,
        balance: formatMoney({ minorUnits: balance, currencyCode }),
        applied: formatMoney({ minorUnits: applied, currencyCode }),
      };
    },
  },
  StoreCreditAccount: {
    balance: ({ balance, currencyCode }) => formatMoney({ minorUnits: balance, currencyCode }),
    entries: async ({ id, currencyCode }, _args, ctx) =>
      (await entriesByAccountId(ctx).load(id)).map((entry) => ({ ...entry, currencyCode })),
  },
};
