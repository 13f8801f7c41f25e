import type { Resolvers } from '../generated/resolvers';
import { orderCreate } from './orderCreate.service';

export const checkoutResolvers: Resolvers = {
  Mutation: {
    orderCreate: (_root, { input }, ctx) => orderCreate(ctx, input),
  },
  OrderUserError: { priceChange: ({ priceChange }) => priceChange ?? null },
  OrderCreatePayload: {
    accessToken: ({ order }, _args, ctx) => (order ? ctx.services.links.tokenFor(ctx.tenantId, order.id) : null),
  },
};
