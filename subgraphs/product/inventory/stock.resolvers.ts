import { formatMoney } from '../../shared/money';
import type { Resolvers } from '../generated/resolvers';
import { stockCommit, stockRelease, stockReserve } from './stock.service';

export const stockResolvers: Resolvers = {
  Mutation: {
    stockReserve: async (_root, { orderId, lines }, ctx) => {
      const reserved = await stockReserve(ctx, orderId, lines);
      return {
        lines: (reserved.lines ?? []).map((line) => ({
          ...line,
          unitPrice: formatMoney({ minorUnits: line.unitPriceAmount, currencyCode: line.currencyCode }),
        })),
        userErrors: reserved.userErrors,
      };
    },
    stockCommit: async (_root, { orderId }, ctx) => ({ changed: await stockCommit(ctx, orderId) }),
    stockRelease: async (_root, { orderId }, ctx) => ({ changed: await stockRelease(ctx, orderId) }),
  },
};
