import { runInScope } from '../../shared/scope';
import type { Context } from '../context';
import type { Tenant } from '../generated/prisma/client';
import { normalizedHost, slugOfDomain } from './host';

/** The gateway may look up any store, by a request's host; other callers only find their own store. */
export async function findTenantByDomain(ctx: Context, domain: string): Promise<Tenant | null> {
  const host = normalizedHost(domain);
  if (host === null) return null;
  const slug = slugOfDomain(host, ctx.dependencies.baseDomain);
  if (slug !== null && ctx.caller.role === 'SERVICE') {
    const tenant = await runInScope({ storeSlug: slug }, () => ctx.db.tenant.findFirst({ where: { slug } }));
    if (tenant) return tenant;
  }
  const tenantId = slug === null ? await ownerOfHost(ctx, host) : await ownerOfSlug(ctx, slug);
  if (tenantId === null || (ctx.caller.role !== 'SERVICE' && tenantId !== ctx.tenantId)) return null;
  return runInScope({ tenantId }, () => ctx.db.tenant.findFirst({ where: { tenantId } }));
}

/** Also finds a store by a former slug, until that expires. */
async function ownerOfSlug({ db }: Context, slug: string): Promise<string | null> {
  const found = await runInScope({ storeSlug: slug }, () =>
    db.tenantSlug.findFirst({
      where: { slug, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] },
      select: { tenantId: true },
    }),
  );
  return found?.tenantId ?? null;
}

async function ownerOfHost({ db }: Context, host: string): Promise<string | null> {
  const found = await runInScope({ storeHost: host }, () =>
    db.tenantDomain.findFirst({ where: { host, verifiedAt: { not: null } }, select: { tenantId: true } }),
  );
  return found?.tenantId ?? null;
}
