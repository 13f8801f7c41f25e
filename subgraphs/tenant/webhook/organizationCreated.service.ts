import { randomBytes } from 'node:crypto';
import { isUniqueViolation } from '../../shared/constraints';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import type { Organization } from './clerkEvent';

const CONSUMER = 'clerk';
/** Addresses under the base domain that the platform itself may want. */
const RESERVED_SLUGS = new Set(['admin', 'api', 'app', 'auth', 'cdn', 'clerk', 'dashboard', 'mail', 'status', 'www']);

/**
 * Makes the store of a new organization. The delivery's id is kept in the same transaction, so that a repeat, however
 * late or however many at once, has no further effect.
 */
export async function organizationCreated(
  db: Db,
  deliveryId: string,
  organization: Organization,
): Promise<'created' | 'repeated'> {
  let taken: unknown;
  for (const slug of slugsFor(organization)) {
    try {
      return await createTenant(db, deliveryId, organization, slug);
    } catch (error) {
      // Another store lives at this address, or another delivery of this organization was quicker: the next try finds
      // its store.
      if (!isUniqueViolation(error)) throw error;
      taken = error;
    }
  }
  throw taken;
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

/** The slugs to try, one after another. Clerk's update can change what is taken. */
function slugsFor({ id, name, slug }: Organization): string[] {
  const wanted = asSlug(slug ?? '') || asSlug(name);
  const ending = id.replace(/\W|_/g, '').slice(-8).toLowerCase();
  const free = [ending, randomBytes(4).toString('hex')].map((suffix) => `${wanted || 'store'}-${suffix}`);
  return wanted === '' || RESERVED_SLUGS.has(wanted) ? free : [wanted, ...free];
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
