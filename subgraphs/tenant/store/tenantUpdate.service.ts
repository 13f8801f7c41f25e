import { z } from 'zod';
import { notNull, readInput, text } from '../../shared/inputReader';
import { payload, staleVersion, taken, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tenant } from '../generated/prisma/client';
import type { TenantUpdateInput, UserErrorCode } from '../generated/resolvers';
import { changeSlug, isReservedSlug, releaseExpiredSlug, SLUG, SlugTaken } from './slug';
import { getCurrentTenant } from './store.service';
import { recordUpdated } from './storeEvents';

const MAX_NAME = 256;

const tenantUpdateInput = z.object({
  name: notNull(
    text({ max: MAX_NAME, min: 0 }).refine((name) => name !== '', {
      message: `Expected 1 to ${MAX_NAME} characters.`,
    }),
    'Expected a name: a store can’t be without one.',
  ),
  slug: notNull(
    z
      .string()
      .refine((slug) => SLUG.test(slug) && !slug.startsWith('xn--'), {
        message: 'Expected 1 to 63 lower-case letters, digits and hyphens, no hyphen at either end.',
        abort: true,
      })
      .refine((slug) => !isReservedSlug(slug), {
        message: 'This address is reserved for the platform.',
        params: { code: 'TAKEN' },
      }),
    'Expected an address: a store can’t be without one.',
  ),
});

/** Changes the store's name, slug, or both. For some time it is also found at its former slug. */
export function tenantUpdate(ctx: Context, input: TenantUpdateInput) {
  return payload<'tenant', Tenant, UserErrorCode>('tenant', async () => {
    const { name, slug } = readInput(tenantUpdateInput, input);
    if (slug !== undefined) await releaseExpiredSlug(ctx.db, slug);
    await getCurrentTenant(ctx);
    try {
      return await update(ctx, { name, slug }, input.expectedVersion);
    } catch (error) {
      if (!(error instanceof SlugTaken)) throw error;
      throw new UserErrors(taken(['input', 'slug'], 'Another store has this address.'));
    }
  });
}

type Changes = z.output<typeof tenantUpdateInput>;

function update(
  { db, tenantId }: Context,
  { name, slug }: Changes,
  expectedVersion: TenantUpdateInput['expectedVersion'],
): Promise<Tenant> {
  return db.$transaction(async (tx) => {
    // The lock makes concurrent changes wait for one another, so that the second reads the slug that the first has set.
    await tx.$queryRaw`SELECT 1 FROM tenants WHERE tenant_id = ${tenantId} FOR UPDATE`;
    const current = await tx.tenant.findFirstOrThrow({ where: { tenantId } });
    if (expectedVersion != null && expectedVersion !== current.version) throw staleVersion(current);
    const next = { name: name ?? current.name, slug: slug ?? current.slug };
    if (next.name === current.name && next.slug === current.slug) return current;
    if (next.slug !== current.slug) await changeSlug(tx, tenantId, current.slug, next.slug);
    const [changed] = await tx.tenant.updateManyAndReturn({
      where: { tenantId },
      data: { ...next, version: { increment: 1 } },
    });
    if (!changed) throw new Error('A locked row is gone');
    await recordUpdated(tx, changed);
    return changed;
  });
}
