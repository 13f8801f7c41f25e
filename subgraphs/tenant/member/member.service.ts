import { type Connection, type PageArgs, readPage, toConnection } from '../../shared/pagination';
import { permissionsOf } from '../../shared/permissions';
import type { Context } from '../context';
import type { TenantMember } from '../generated/prisma/client';
import type { MemberAccess } from '../generated/resolvers';

/** Lists the people who work for the store, in the order in which they joined. */
export async function listMembers(ctx: Context, args: PageArgs): Promise<Connection<TenantMember>> {
  const where = { tenantId: ctx.tenantId, removedAt: null };
  const page = readPage(args, { key: 'JOINED_AT', column: 'joinedAt', kind: 'date', reverse: false });
  const members = await ctx.db.tenantMember.findMany({ ...page.query, where: { AND: [where, page.query.where] } });
  return toConnection(members, page, () => ctx.db.tenantMember.count({ where }));
}

/** A membership by the last of Clerk's webhooks. Null when there was none for it; then the gateway uses the token's claims. */
export async function findMemberAccess(ctx: Context, userId: string): Promise<MemberAccess | null> {
  const member = await ctx.db.tenantMember.findFirst({ where: { tenantId: ctx.tenantId, id: userId } });
  if (!member) return null;
  return {
    isMember: member.removedAt === null,
    isAdmin: member.role === 'org:admin',
    permissions: permissionsOf(member.role, member.permissions),
    changedAt: member.sourceUpdatedAt,
  };
}
