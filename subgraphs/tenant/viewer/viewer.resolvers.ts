import type { Resolvers, ViewerRole } from '../generated/resolvers';

export const viewerResolvers: Resolvers = {
  Query: {
    viewer: (_root, _args, { caller, tenantId }) => ({
      id: `${tenantId}/${caller.userId ?? 'visitor'}`,
      // The rule lets no service pass.
      role: caller.role as ViewerRole,
      permissions: [...caller.permissions],
      user: null,
    }),
  },
  Viewer: {
    user: async (_viewer, _args, { caller: { userId }, db, tenantId }) => {
      if (userId === null) return null;
      const member = await db.tenantMember.findFirst({ where: { tenantId, id: userId, removedAt: null } });
      return {
        id: userId,
        name: member?.name ?? null,
        email: member?.email ?? null,
        imageUrl: member?.imageUrl ?? null,
      };
    },
  },
};
