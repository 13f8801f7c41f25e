import { formatMoney } from '../../shared/money';
import type { CreditEntry } from '../generated/prisma/client';
import type { Resolvers } from '../generated/resolvers';
import { seesAllOrders } from '../orders/visibility';
import { absolute, directionOf } from './creditLedger';

/** An entry, in its account's currency. */
export type CreditEntryModel = CreditEntry & { currencyCode: string };

export const creditResolvers: Resolvers = {
  CreditEntry: {
    amount: ({ amount, currencyCode }) => formatMoney({ minorUnits: absolute(amount), currencyCode }),
    direction: ({ amount }) => directionOf(amount),
    balance: ({ balance, currencyCode }) => formatMoney({ minorUnits: balance, currencyCode }),
    actorId: ({ actorId }, _args, ctx) => (seesAllOrders(ctx) ? actorId : null),
    reason: ({ reason }, _args, ctx) => (seesAllOrders(ctx) ? reason : null),
  },
};
