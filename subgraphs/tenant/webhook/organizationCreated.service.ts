import { isUniqueViolation } from '../../shared/constraints';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { SLUG } from '../store/domain';
import type { Organization } from './clerkEvent';

const CONSUMER = 'clerk';

/**
 * Makes the store of a new organization. The delivery's id is kept in the same transaction, so that a repeat, however
 * late or however many at once, has no further effect.
 */
export async function organizationCreated(
  db: Db,
  deliveryId: string,
  organization: Organization,
): Promise<'created' | 'repeated'> {
  const slug = slugFor(organization);
  try {
    return await createTenant(db, deliveryId, organization, slug);
  } catch (error) {
    if (!isUniqueViolation(error, 'slug')) throw error;
    // Another store lives at this address. The id's end makes another one, and Clerk's update can change it.
    return createTenant(db, deliveryId, organization, withSuffix(slug, organization.id));
  }
}

function createTenant(db: Db, deliveryId: string, { id, name }: Organization, slug: string) {
  return runInScope({ tenantId: id }, () =>
    db.$transaction(async (tx) => {
      const inbox = await tx.inboxEvent.createMany({
        data: [{ tenantId: id, consumer: CONSUMER, eventId: deliveryId }],
        skipDuplicates: true,
      });
      if (inbox.count === 0) return 'repeated';
      // Another delivery may have told of the same organization: the store that is there stays as it is.
      const existing = await tx.tenant.findFirst({ where: { tenantId: id }, select: { tenantId: true } });
      if (existing) return 'repeated';
      await tx.tenant.create({ data: { tenantId: id, name, slug, settings: { create: {} } } });
      return 'created';
    }),
  );
}

function slugFor({ id, name, slug }: Organization): string {
  const candidate = (slug ?? name)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50)
    .replace(/-+$/, '');
  return SLUG.test(candidate) ? candidate : withSuffix('store', id);
}

const withSuffix = (slug: string, organizationId: string) =>
  `${slug}-${organizationId.replace(/\W|_/g, '').slice(-8).toLowerCase()}`;
