import type { Resolvers } from '../generated/resolvers';
import { orderCreate } from './orderCreate.service';

export const checkoutResolvers: Resolvers = {
  Mutation: {
    orderCreate: (_root, { input }, ctx) => orderCreate(ctx, input),
  },
  OrderCreatePayload: {
    accessToken: ({ order }, _args, ctx) => (order ? ctx.services.links.tokenFor(ctx.tenantId, order.id) : null),
  },
};
