import type { Resolvers } from '../generated/resolvers';
import { orderCancel } from './orderCancel.service';
import { orderFulfill } from './orderFulfill.service';

export const fulfilmentResolvers: Resolvers = {
  Mutation: {
    orderFulfill: (_root, { id }, ctx) => orderFulfill(ctx, id),
    orderCancel: (_root, { id, input }, ctx) => orderCancel(ctx, id, input),
  },
};
