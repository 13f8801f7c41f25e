import type { Resolvers } from '../generated/resolvers';
import { findMemberAccess, listMembers } from './member.service';

export const memberResolvers: Resolvers = {
  Query: {
    memberAccess: (_root, { userId }, ctx) => findMemberAccess(ctx, userId),
  },
  Tenant: {
    members: (_tenant, args, ctx) => listMembers(ctx, args),
  },
};
