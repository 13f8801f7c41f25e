import type { Resolvers } from '../generated/resolvers';
import { orderCancel } from './orderCancel.service';

export const cancellationResolvers: Resolvers = {
  Mutation: {
    orderCancel: (_root, { id, input }, ctx) => orderCancel(ctx, id, input),
  },
};
