import { payload, StaleVersion, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Tenant } from '../generated/prisma/client';
import type { TenantErrorCode, TenantUpdateInput } from '../generated/resolvers';
import { isReservedSlug, moveSlug, releaseExpiredSlug, SLUG, SlugTaken } from './slug';
import { getCurrentTenant } from './store.service';
import { recordUpdated } from './storeEvents';

const MAX_NAME = 256;

/** Changes the store's name, its address, or both. At the old address it is found for some time. */
export function tenantUpdate(ctx: Context, input: TenantUpdateInput) {
  return payload<'tenant', Tenant, TenantErrorCode>('tenant', async () => {
    const faults = faultsOf(input);
    if (faults.length > 0) throw new UserErrors(...faults);
    if (input.slug != null) await releaseExpiredSlug(ctx.db, input.slug);
    await getCurrentTenant(ctx);
    try {
      return await update(ctx, input);
    } catch (error) {
      if (!(error instanceof SlugTaken)) throw error;
      throw new UserErrors(fault('slug', 'TAKEN', 'Another store has this address.'));
    }
  });
}

function update({ db, tenantId }: Context, { name, slug, expectedVersion }: TenantUpdateInput): Promise<Tenant> {
  return db.$transaction(async (tx) => {
    // Two changes at once come one after the other: the second sees the address that the first moved to.
    await tx.$queryRaw`SELECT 1 FROM tenants WHERE tenant_id = ${tenantId} FOR UPDATE`;
    const current = await tx.tenant.findFirstOrThrow({ where: { tenantId } });
    if (expectedVersion != null && expectedVersion !== current.version) {
      throw new StaleVersion<TenantErrorCode>(
        current,
        fault(
          'expectedVersion',
          'STALE_VERSION',
          `The store is at version ${current.version}: look at what has changed, and send it again.`,
        ),
      );
    }
    const next = { name: name?.trim() ?? current.name, slug: slug ?? current.slug };
    if (next.name === current.name && next.slug === current.slug) return current;
    if (next.slug !== current.slug) await moveSlug(tx, tenantId, current.slug, next.slug);
    const [changed] = await tx.tenant.updateManyAndReturn({
      where: { tenantId },
      data: { ...next, version: { increment: 1 } },
    });
    if (!changed) throw new Error('A locked row is gone');
    await recordUpdated(tx, changed);
    return changed;
  });
}

function faultsOf({ name, slug }: TenantUpdateInput) {
  const faults: ReturnType<typeof fault>[] = [];
  if (name === null) faults.push(fault('name', 'REQUIRED', 'Expected a name: a store can’t be without one.'));
  if (slug === null) faults.push(fault('slug', 'REQUIRED', 'Expected an address: a store can’t be without one.'));
  if (name != null && (name.trim() === '' || name.length > MAX_NAME || name.includes('\u0000'))) {
    faults.push(fault('name', 'INVALID', `Expected 1 to ${MAX_NAME} characters.`));
  }
  if (slug != null && (!SLUG.test(slug) || slug.startsWith('xn--'))) {
    faults.push(
      fault('slug', 'INVALID', 'Expected 1 to 63 lower-case letters, digits and hyphens, no hyphen at either end.'),
    );
  } else if (slug != null && isReservedSlug(slug)) {
    faults.push(fault('slug', 'TAKEN', 'The platform needs this address.'));
  }
  return faults;
}

const fault = (name: keyof TenantUpdateInput, code: TenantErrorCode, message: string) => ({
  field: ['input', name],
  code,
  message,
});
