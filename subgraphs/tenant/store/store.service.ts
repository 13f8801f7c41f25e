import { graphqlError } from '../../shared/errors';
import type { Context } from '../context';
import type { Tenant } from '../generated/prisma/client';

/** @throws GraphQLError STORE_NOT_FOUND when the organization has no store, or not yet. */
export async function getCurrentTenant(ctx: Context): Promise<Tenant> {
  const tenant = await ctx.db.tenant.findFirst({ where: { tenantId: ctx.tenantId } });
  if (!tenant) throw graphqlError('STORE_NOT_FOUND', 'This organization has no store.');
  return tenant;
}

export async function findReferencedTenant(ctx: Context, id: string): Promise<Tenant | null> {
  return id === ctx.tenantId ? ctx.db.tenant.findFirst({ where: { tenantId: ctx.tenantId } }) : null;
}
