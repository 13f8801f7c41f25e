import type { Resolvers } from '../generated/resolvers';
import { fulfillmentsByOrderId } from './fulfillment.loaders';
import { orderFulfillmentCancel, orderFulfillmentTrackingUpdate } from './fulfillment.service';
import { orderFulfill } from './orderFulfill.service';

export const fulfillmentResolvers: Resolvers = {
  Mutation: {
    orderFulfill: (_root, { id, input }, ctx) => orderFulfill(ctx, id, input),
    orderFulfillmentTrackingUpdate: (_root, { id, input }, ctx) => orderFulfillmentTrackingUpdate(ctx, id, input),
    orderFulfillmentCancel: (_root, { id }, ctx) => orderFulfillmentCancel(ctx, id),
  },
  Fulfillment: {
    status: ({ canceledAt, awaitsCapture }) =>
      canceledAt ? 'CANCELED' : awaitsCapture ? 'AWAITING_PAYMENT' : 'FULFILLED',
    tracking: ({ trackingNumber: number, trackingCompany: company, trackingUrl: url }) =>
      number === null && company === null && url === null ? null : { number, company, url },
  },
  Order: {
    fulfillments: ({ id }, _args, ctx) => fulfillmentsByOrderId(ctx).load(id),
  },
};
