import { formatMoney } from '../../shared/money';
import type { Resolvers } from '../generated/resolvers';
import { imageUrl } from '../media/imageUrl';
import { stockCommit, stockRelease } from './stockCommit.service';
import { stockReserve } from './stockReserve.service';
import { stockReturn } from './stockReturn.service';

export const stockResolvers: Resolvers = {
  Mutation: {
    stockReserve: async (_root, { orderId, lines }, ctx) => {
      const reserved = await stockReserve(ctx, orderId, lines);
      return {
        lines: (reserved.lines ?? []).map(({ image, ...line }) => ({
          ...line,
          image: image && { ...image, url: imageUrl(ctx, { ...image, tenantId: ctx.tenantId }, null) },
          unitPrice: formatMoney({ minorUnits: line.unitPriceAmount, currencyCode: line.currencyCode }),
        })),
        userErrors: reserved.userErrors,
      };
    },
    stockCommit: async (_root, { orderId }, ctx) => ({ outcome: await stockCommit(ctx, orderId) }),
    stockRelease: async (_root, { orderId }, ctx) => ({ changed: await stockRelease(ctx, orderId) }),
    stockReturn: async (_root, { orderId, returnId, lines }, ctx) => {
      const { changed, userErrors } = await stockReturn(ctx, orderId, returnId, lines);
      return { changed: changed ?? false, userErrors };
    },
  },
};
