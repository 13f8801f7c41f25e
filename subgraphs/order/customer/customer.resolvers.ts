import type { Resolvers } from '../generated/resolvers';
import { pageOfOrders } from '../orders/order.service';
import { seesAllOrders } from '../orders/visibility';
import { customerById, totalsByCustomerId } from './customer.loaders';
import { listCustomers } from './customer.service';
import { customerErase } from './customerErase.service';
import { customerUpdate } from './customerUpdate.service';

export const customerResolvers: Resolvers = {
  Query: {
    customer: (_root, { id }, ctx) => customerById(ctx).load(id),
    customers: (_root, args, ctx) => listCustomers(ctx, args),
  },
  Mutation: {
    customerErase: (_root, { id }, ctx) => customerErase(ctx, id),
    customerUpdate: (_root, { id, input }, ctx) => customerUpdate(ctx, id, input),
  },
  Order: {
    customer: ({ buyerId }, _args, ctx) =>
      buyerId !== null && seesAllOrders(ctx) ? customerById(ctx).load(buyerId) : null,
  },
  Customer: {
    __resolveReference: ({ id }, ctx) => customerById(ctx).load(id),
    ordersCount: async ({ id }, _args, ctx) => (await totalsByCustomerId(ctx).load(id)).ordersCount,
    totalSpent: async ({ id }, _args, ctx) => (await totalsByCustomerId(ctx).load(id)).totalSpent,
    orders: ({ tenantId, id }, args, ctx) => pageOfOrders(ctx, { tenantId, buyerId: id }, args, 'CREATED_AT', true),
  },
};
