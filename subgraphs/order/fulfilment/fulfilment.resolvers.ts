import type { Resolvers } from '../generated/resolvers';
import { orderFulfill } from './orderFulfill.service';
import { orderFulfillmentCancel, orderFulfillmentTrackingUpdate } from './parcel.service';

export const fulfilmentResolvers: Resolvers = {
  Mutation: {
    orderFulfill: (_root, { id, input }, ctx) => orderFulfill(ctx, id, input),
    orderFulfillmentTrackingUpdate: (_root, { id, input }, ctx) => orderFulfillmentTrackingUpdate(ctx, id, input),
    orderFulfillmentCancel: (_root, { id }, ctx) => orderFulfillmentCancel(ctx, id),
  },
};
