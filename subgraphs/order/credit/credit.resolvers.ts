import { formatMoney } from '../../shared/money';
import type { CreditEntry } from '../generated/prisma/client';
import type { Resolvers } from '../generated/resolvers';
import { seesAllOrders } from '../orders/visibility';
import { creditByOrderId } from './credit.loaders';
import { absolute, directionOf } from './creditLedger';

/** An entry, in its account's currency. */
export type CreditEntryModel = CreditEntry & { currencyCode: string };

export const creditResolvers: Resolvers = {
  Order: {
    creditPayments: async ({ id }, _args, ctx) => {
      const paid = await creditByOrderId(ctx).load(id);
      return paid.map(({ amount, refundedAmount, account }) => ({
        kind: account.kind,
        lastCharacters: account.lastCharacters,
        amount: formatMoney({ minorUnits: amount, currencyCode: account.currencyCode }),
        refundedAmount: formatMoney({ minorUnits: refundedAmount, currencyCode: account.currencyCode }),
        giftCard: account.kind === 'GIFT_CARD' && seesAllOrders(ctx) ? account : null,
      }));
    },
  },
  CreditEntry: {
    amount: ({ amount, currencyCode }) => formatMoney({ minorUnits: absolute(amount), currencyCode }),
    direction: ({ amount }) => directionOf(amount),
    balance: ({ balance, currencyCode }) => formatMoney({ minorUnits: balance, currencyCode }),
    actorId: ({ actorId }, _args, ctx) => (seesAllOrders(ctx) ? actorId : null),
    reason: ({ reason }, _args, ctx) => (seesAllOrders(ctx) ? reason : null),
  },
};
