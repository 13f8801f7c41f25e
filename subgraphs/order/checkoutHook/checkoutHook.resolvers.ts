import type { Resolvers } from '../generated/resolvers';
import { checkoutHookById } from './checkoutHook.loaders';
import {
  checkoutHookCreate,
  checkoutHookDelete,
  checkoutHookRotateSecret,
  checkoutHookUpdate,
  listCheckoutHooks,
} from './checkoutHook.service';

export const checkoutHookResolvers: Resolvers = {
  Query: { checkoutHooks: async (_root, _args, ctx) => listCheckoutHooks(ctx) },
  Mutation: {
    checkoutHookCreate: (_root, { input }, ctx) => checkoutHookCreate(ctx, input),
    checkoutHookUpdate: (_root, { id, input }, ctx) => checkoutHookUpdate(ctx, id, input),
    checkoutHookDelete: (_root, { id }, ctx) => checkoutHookDelete(ctx, id),
    checkoutHookRotateSecret: (_root, { id }, ctx) => checkoutHookRotateSecret(ctx, id),
  },
  CheckoutHook: {
    __resolveReference: ({ id }, ctx) => checkoutHookById(ctx).load(id),
    lastFailure: ({ lastFailureAt: at, lastFailureReason: reason, lastFailureStatus: status }) =>
      at === null || reason === null ? null : { at, reason, status },
    previousSecretExpiresAt: ({ previousSecretExpiresAt: until }) => (until && until > new Date() ? until : null),
  },
};
