import { graphqlError } from '../../shared/errors';
import { runInScope } from '../../shared/scope';
import type { Context } from '../context';
import type { Tenant, TenantSettings } from '../generated/prisma/client';
import { slugOfDomain } from './domain';

/** @throws GraphQLError STORE_NOT_FOUND when the organization has no store (yet). */
export async function getCurrentTenant(ctx: Context): Promise<Tenant> {
  const tenant = await ctx.db.tenant.findFirst({ where: { tenantId: ctx.tenantId } });
  if (!tenant) throw graphqlError('STORE_NOT_FOUND', 'This organization has no store.');
  return tenant;
}

export async function findReferencedTenant(ctx: Context, id: string): Promise<Tenant | null> {
  return id === ctx.tenantId ? ctx.db.tenant.findFirst({ where: { tenantId: ctx.tenantId } }) : null;
}

/** A caller learns of its own store only; the gateway, which looks up whose address this is, of any. */
export async function findTenantByDomain(ctx: Context, domain: string): Promise<Tenant | null> {
  const slug = slugOfDomain(domain, ctx.baseDomain);
  if (slug === null) return null;
  if (ctx.caller.role !== 'SERVICE') return ctx.db.tenant.findFirst({ where: { tenantId: ctx.tenantId, slug } });
  return runInScope({ storeSlug: slug }, () => ctx.db.tenant.findFirst({ where: { slug } }));
}

export async function getSettings(ctx: Context, tenant: Tenant): Promise<TenantSettings> {
  return ctx.db.tenantSettings.findFirstOrThrow({ where: { tenantId: tenant.tenantId } });
}
