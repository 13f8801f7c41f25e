import { randomBytes } from 'node:crypto';
import type { Db, Tx } from '../database';
import type { ClerkOrganization } from '../generated/prisma/client';
import { eraseAfter } from '../lifecycle/storeStatus';
import { catchSlugTaken, changeSlug, isReservedSlug, releaseExpiredSlug, SlugTaken } from '../store/slug';
import { recordCreated, recordDeleted, recordUpdated } from '../store/storeEvents';
import type { Organization } from './clerkEvent';
import { type Outcome, takeInOnce } from './inbox';

/**
 * An organization was made or changed: its store has its name and, where that is free, its slug. The newest of what Clerk
 * said counts, in whatever order it comes; after a deletion it makes no open store.
 */
export async function organizationChanged(db: Db, deliveryId: string, organization: Organization): Promise<Outcome> {
  let taken: unknown;
  for (const slug of slugsFor(organization)) {
    await releaseExpiredSlug(db, slug.slug);
    try {
      return await takeInOnce(db, organization.id, deliveryId, (tx) => writeStore(tx, organization, slug));
    } catch (error) {
      if (!(error instanceof SlugTaken)) throw error;
      taken = error;
    }
  }
  throw taken;
}

/** An organization is gone: so is its store, for good, also when the news of its making is still on the way. */
export function organizationDeleted(db: Db, deliveryId: string, tenantId: string, at: Date): Promise<Outcome> {
  return takeInOnce(db, tenantId, deliveryId, async (tx) => {
    const known = await lockOrganization(tx, tenantId);
    if (known.deletedAt && known.deletedAt <= at) return 'outdated';
    await tx.clerkOrganization.updateMany({ where: { tenantId }, data: { deletedAt: at } });
    const [store] = await tx.tenant.updateManyAndReturn({
      where: { tenantId, erasedAt: null },
      data: { ...deletedAt(at), version: { increment: 1 } },
    });
    if (store) await recordDeleted(tx, store, eraseAfter(at));
    return 'applied';
  });
}

const deletedAt = (at: Date) =>
  ({ status: 'DELETED', suspendedBy: null, suspendedReason: null, eraseAfter: eraseAfter(at) }) as const;

interface SlugChoice {
  slug: string;
  /** Whether it is what the organization's own slug or name says, and not a way out. */
  isWanted: boolean;
}

async function writeStore(tx: Tx, organization: Organization, { slug, isWanted }: SlugChoice): Promise<Outcome> {
  const { id: tenantId, name, slug: sourceSlug = null, updated_at: sourceUpdatedAt } = organization;
  const known = await lockOrganization(tx, tenantId);
  if (known.sourceUpdatedAt && known.sourceUpdatedAt >= sourceUpdatedAt) return 'outdated';
  await tx.clerkOrganization.updateMany({ where: { tenantId }, data: { slug: sourceSlug, sourceUpdatedAt } });

  const store = await tx.tenant.findFirst({ where: { tenantId }, select: { slug: true, erasedAt: true } });
  if (!store) {
    const ending = known.deletedAt ? deletedAt(known.deletedAt) : {};
    const parts = { slugs: { create: { slug } }, settings: { create: {} }, billing: { create: {} } };
    const data = { tenantId, name, slug, ...parts, ...ending };
    const made = await catchSlugTaken(() => tx.tenant.create({ data }));
    await recordCreated(tx, made);
    if (made.eraseAfter) await recordDeleted(tx, made, made.eraseAfter);
  } else if (!store.erasedAt) {
    // The store may have chosen another address for itself: only a change at Clerk changes it.
    const moves = isWanted && known.sourceUpdatedAt !== null && known.slug !== sourceSlug && store.slug !== slug;
    if (moves) await changeSlug(tx, tenantId, store.slug, slug);
    const [changed] = await tx.tenant.updateManyAndReturn({
      where: { tenantId },
      data: { name, ...(moves && { slug }), version: { increment: 1 } },
    });
    if (changed) await recordUpdated(tx, changed);
  }
  return 'applied';
}

/** What Clerk said before. Deliveries of one organization wait for one another here, also those that come before any other. */
async function lockOrganization(tx: Tx, tenantId: string): Promise<ClerkOrganization> {
  await tx.clerkOrganization.createMany({ data: [{ tenantId }], skipDuplicates: true });
  await tx.$queryRaw`SELECT 1 FROM clerk_organizations WHERE tenant_id = ${tenantId} FOR UPDATE`;
  return tx.clerkOrganization.findFirstOrThrow({ where: { tenantId } });
}

/** The slugs to try, one after another. A later change at Clerk can change what is taken. */
function slugsFor({ id, name, slug }: Organization): SlugChoice[] {
  const wanted = asSlug(slug ?? '') || asSlug(name);
  const ending = id.replace(/\W|_/g, '').slice(-8).toLowerCase();
  const free = [ending, randomBytes(4).toString('hex')].map((suffix) => ({
    slug: `${wanted || 'store'}-${suffix}`,
    isWanted: false,
  }));
  return wanted === '' || isReservedSlug(wanted) ? free : [{ slug: wanted, isWanted: true }, ...free];
}

/** What of a text can stand in an address; empty when that is nothing. */
function asSlug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}|['’]/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 50)
    .replace(/-+$/, '');
}
