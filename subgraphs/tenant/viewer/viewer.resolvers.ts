import { findAppToken } from '../appToken/appToken.service';
import type { Resolvers, ViewerRole } from '../generated/resolvers';

export const viewerResolvers: Resolvers = {
  Query: {
    viewer: (_root, _args, { caller, tenantId }) => ({
      id: `${tenantId}/${caller.userId ?? 'visitor'}`,
      // The rule lets no service pass.
      role: caller.role as ViewerRole,
      permissions: [...caller.permissions],
      user: null,
      app: null,
    }),
  },
  Viewer: {
    app: (_viewer, _args, ctx) => {
      const { role, userId } = ctx.caller;
      return role === 'APP' && userId !== null ? findAppToken(ctx, userId) : null;
    },
    user: async (_viewer, _args, { caller: { role, userId }, db, tenantId }) => {
      if (userId === null || role === 'APP') return null;
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
