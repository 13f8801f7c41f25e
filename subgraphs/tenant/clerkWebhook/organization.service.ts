import { randomBytes } from 'node:crypto';
import type { Db, Tx } from '../database';
import type { ClerkOrganization } from '../generated/prisma/client';
import { eraseAfter } from '../lifecycle/storeStatus';
import { catchSlugTaken, changeSlug, isReservedSlug, releaseExpiredSlug, SlugTaken } from '../store/slug';
import { recordCreated, recordDeleted, recordUpdated } from '../store/storeEvents';
import type { Organization } from './clerkEvent';
import { type DeliveryResult, processOnce } from './inbox';

/**
 * An organization was created or changed: its store gets its name and, if free, its slug. Deliveries may arrive in any order: the newest by
 * Clerk's clock wins, and after a deletion none opens a store.
 */
export async function organizationChanged(
  db: Db,
  deliveryId: string,
  organization: Organization,
): Promise<DeliveryResult> {
  let taken: unknown;
  for (const slug of slugsFor(organization)) {
    await releaseExpiredSlug(db, slug.slug);
    try {
      return await processOnce(db, organization.id, deliveryId, (tx) => writeStore(tx, organization, slug));
    } catch (error) {
      if (!(error instanceof SlugTaken)) throw error;
      taken = error;
    }
  }
  throw taken;
}

/** An organization was deleted: deletes its store, even if the delivery of its creation arrives later. */
export function organizationDeleted(db: Db, deliveryId: string, tenantId: string, at: Date): Promise<DeliveryResult> {
  return processOnce(db, tenantId, deliveryId, async (tx) => {
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
  /** Whether it equals the organization's own slug or name, without a suffix that makes it unique. */
  isWanted: boolean;
}

async function writeStore(tx: Tx, organization: Organization, { slug, isWanted }: SlugChoice): Promise<DeliveryResult> {
  const { id: tenantId, name, slug: sourceSlug = null, updated_at: sourceUpdatedAt } = organization;
  const known = await lockOrganization(tx, tenantId);
  if (known.sourceUpdatedAt && known.sourceUpdatedAt >= sourceUpdatedAt) return 'outdated';
  await tx.clerkOrganization.updateMany({ where: { tenantId }, data: { slug: sourceSlug, sourceUpdatedAt } });

  const store = await tx.tenant.findFirst({ where: { tenantId }, select: { slug: true, erasedAt: true } });
  if (!store) {
    const data = {
      tenantId,
      name,
      slug,
      slugs: { create: { slug } },
      settings: { create: {} },
      billing: { create: {} },
      ...(known.deletedAt && deletedAt(known.deletedAt)),
    };
    const created = await catchSlugTaken(() => tx.tenant.create({ data }));
    await recordCreated(tx, created);
    if (created.eraseAfter) await recordDeleted(tx, created, created.eraseAfter);
  } else if (!store.erasedAt) {
    // tenantUpdate may have set another slug, which only a change of the slug at Clerk replaces.
    const changesSlug = isWanted && known.sourceUpdatedAt !== null && known.slug !== sourceSlug && store.slug !== slug;
    if (changesSlug) await changeSlug(tx, tenantId, store.slug, slug);
    const [changed] = await tx.tenant.updateManyAndReturn({
      where: { tenantId },
      data: { name, ...(changesSlug && { slug }), version: { increment: 1 } },
    });
    if (changed) await recordUpdated(tx, changed);
  }
  return 'applied';
}

/** Locks the row of an organization's last state at Clerk, inserting it if new, so that its deliveries are processed one after another. */
async function lockOrganization(tx: Tx, tenantId: string): Promise<ClerkOrganization> {
  await tx.clerkOrganization.createMany({ data: [{ tenantId }], skipDuplicates: true });
  await tx.$queryRaw`SELECT 1 FROM clerk_organizations WHERE tenant_id = ${tenantId} FOR UPDATE`;
  return tx.clerkOrganization.findFirstOrThrow({ where: { tenantId } });
}

/** The candidates for a slug, in the order in which they are tried. */
function slugsFor({ id, name, slug }: Organization): SlugChoice[] {
  const wanted = asSlug(slug ?? '') || asSlug(name);
  const ending = id.replace(/\W|_/g, '').slice(-8).toLowerCase();
  const free = [ending, randomBytes(4).toString('hex')].map((suffix) => ({
    slug: `${wanted || 'store'}-${suffix}`,
    isWanted: false,
  }));
  return wanted === '' || isReservedSlug(wanted) ? free : [{ slug: wanted, isWanted: true }, ...free];
}

/** Makes a slug from a text; empty when no character of it can be part of one. */
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
