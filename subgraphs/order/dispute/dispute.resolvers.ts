import { formatMoney } from '../../shared/money';
import type { Resolvers } from '../generated/resolvers';
import { seesAllOrders } from '../orders/visibility';
import { disputesByOrderId } from './dispute.loaders';

export const disputeResolvers: Resolvers = {
  Order: {
    disputes: ({ id }, _args, ctx) => (seesAllOrders(ctx) ? disputesByOrderId(ctx).load(id) : null),
  },
  OrderDispute: {
    amount: ({ amount, currencyCode }) => formatMoney({ minorUnits: amount, currencyCode }),
  },
};
