import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';
import type { Membership, User } from './clerkEvent';
import { type DeliveryResult, processOnce } from './inbox';
import { recordMemberRemoved, recordUserDeleted } from './memberEvents';

/**
 * Someone joined an organization, or their role or name there has changed. Deliveries may arrive in any order, even before the one that
 * opens the store: the newest by Clerk's clock wins.
 */
export async function membershipChanged(db: Db, deliveryId: string, membership: Membership): Promise<DeliveryResult> {
  const { user_id } = membership.public_user_data;
  const tenantId = membership.organization.id;
  const result = await processOnce(db, tenantId, deliveryId, (tx) =>
    writeMembership(tx, membership, {
      role: membership.role,
      permissions: membership.permissions ?? [],
      ...profileOf(membership),
      updatedAt: membership.updated_at,
      removedAt: null,
    }),
  );
  // Read after the write, so that of this transaction and a concurrent deletion of the person at least one sees the other.
  const gone = await deletedUser(db, user_id);
  if (gone) await endMembership(db, tenantId, user_id, gone.deletedAt);
  return result;
}

/** Someone left an organization. The row stays without personal data, so that an older delivery can't bring them back. */
export function membershipDeleted(
  db: Db,
  deliveryId: string,
  membership: Membership,
  at: Date,
): Promise<DeliveryResult> {
  return processOnce(db, membership.organization.id, deliveryId, (tx) =>
    writeMembership(tx, membership, { ...NO_PERSONAL_DATA, updatedAt: at, removedAt: at }),
  );
}

/**
 * A person's name, e-mail address or image has changed: updates it in each store that they work for. Nothing is stored about people
 * who work for no store, since most of Clerk's users are shoppers.
 */
export async function userChanged(db: Db, deliveryId: string, user: User): Promise<DeliveryResult> {
  const { id, first_name, last_name, image_url, email_addresses, primary_email_address_id, updated_at: at } = user;
  const primary = email_addresses?.find((address) => address.id === primary_email_address_id) ?? email_addresses?.[0];
  const profile = asProfile({ first_name, last_name, image_url, identifier: primary?.email_address });
  const results: DeliveryResult[] = [];
  for (const tenantId of await listStoresOf(db, id)) {
    results.push(
      await processOnce(db, tenantId, deliveryId, async (tx) => {
        const changed = await tx.tenantMember.updateMany({
          where: { tenantId, id, removedAt: null, profileAt: { lt: at } },
          data: { ...profile, profileAt: at },
        });
        return changed.count > 0 ? 'applied' : 'outdated';
      }),
    );
  }
  const byPriority: DeliveryResult[] = ['applied', 'outdated', 'repeated'];
  return byPriority.find((result) => results.includes(result)) ?? 'ignored';
}

/**
 * Updates a person's profile from the list of members as of `at`, unless a webhook was newer. The profile has its own time, because a
 * change of a person's name does not change the membership's `updated_at`.
 */
export async function refreshProfile(db: Db, membership: Membership, at: Date): Promise<DeliveryResult> {
  const { organization, public_user_data, id } = membership;
  const tenantId = organization.id;
  const { name, email, imageUrl } = profileOf(membership);
  const count = await runInScope(
    { tenantId },
    () => db.$executeRaw`
      UPDATE tenant_members
      SET name = ${name}, email = ${email}, image_url = ${imageUrl}, profile_at = ${at}
      WHERE tenant_id = ${tenantId} AND user_id = ${public_user_data.user_id} AND membership_id = ${id}
        AND removed_at IS NULL AND profile_at < ${at}
        AND (name, email, image_url) IS DISTINCT FROM (${name}::text, ${email}::text, ${imageUrl}::text)`,
  );
  return count > 0 ? 'applied' : 'outdated';
}

interface Profile {
  name: string | null;
  email: string | null;
  imageUrl: string | null;
}

/** The person's profile in the form of the members' table. */
export const profileOf = ({ public_user_data }: Membership): Profile => asProfile(public_user_data);

/** The identifier that someone signs in with need not be an e-mail address. */
function asProfile(it: Omit<Membership['public_user_data'], 'user_id'>): Profile {
  return {
    name: [it.first_name, it.last_name].filter(Boolean).join(' ') || null,
    email: it.identifier?.includes('@') ? it.identifier : null,
    imageUrl: it.image_url ?? null,
  };
}

/** A person's account was deleted: ends all of their memberships. */
export async function userDeleted(db: Db, deliveryId: string, userId: string, at: Date): Promise<DeliveryResult> {
  // Recorded before the memberships are ended, so that a membership that is written concurrently finds the deletion.
  const result = await processOnce(db, userId, deliveryId, async (tx) => {
    const first = await tx.clerkUser.createMany({ data: [{ tenantId: userId, deletedAt: at }], skipDuplicates: true });
    if (first.count === 0) return 'outdated';
    await recordUserDeleted(tx, userId, at);
    return 'applied';
  });
  const { deletedAt } = (await deletedUser(db, userId)) ?? { deletedAt: at };
  for (const tenantId of await listStoresOf(db, userId)) await endMembership(db, tenantId, userId, deletedAt);
  return result;
}

async function listStoresOf(db: Db, userId: string): Promise<string[]> {
  const memberships = await runInScope({ memberUserId: userId }, () =>
    db.tenantMember.findMany({ where: { id: userId }, select: { tenantId: true } }),
  );
  return memberships.map(({ tenantId }) => tenantId);
}

const deletedUser = (db: Db, userId: string) =>
  runInScope({ tenantId: userId }, () => db.clerkUser.findFirst({ where: { tenantId: userId } }));

/** The columns of a membership that has ended. */
const NO_PERSONAL_DATA: Omit<MemberState, 'updatedAt' | 'removedAt'> = {
  role: '',
  permissions: [],
  name: null,
  email: null,
  imageUrl: null,
};

interface MemberState extends Profile {
  role: string;
  permissions: string[];
  updatedAt: Date;
  removedAt: Date | null;
}

/**
 * One statement, so that concurrent deliveries wait for one another. The newest delivery of a membership wins, except that an end always
 * wins, and the earliest of several ends. If a person left and came back, the later of the two memberships wins. The profile is
 * compared by its own time.
 */
async function writeMembership(
  tx: Tx,
  { id, organization, public_user_data, created_at }: Membership,
  state: MemberState,
): Promise<DeliveryResult> {
  if (await isErased(tx, organization.id)) return 'ignored';
  const [written] = await tx.$queryRaw<{ hadEnded: boolean }[]>`
    INSERT INTO tenant_members AS known (tenant_id, user_id, membership_id, role, permissions, name, email, image_url,
      joined_at, source_updated_at, profile_at, removed_at)
    VALUES (${organization.id}, ${public_user_data.user_id}, ${id}, ${state.role}, ${state.permissions}, ${state.name},
      ${state.email}, ${state.imageUrl}, ${created_at}, ${state.updatedAt}, ${state.updatedAt}, ${state.removedAt})
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET
      membership_id = EXCLUDED.membership_id, role = EXCLUDED.role, permissions = EXCLUDED.permissions,
      (name, email, image_url, profile_at) = (
        SELECT chosen.name, chosen.email, chosen.image_url, chosen.profile_at FROM (VALUES
          (known.name, known.email, known.image_url, known.profile_at, known.removed_at IS NULL AND EXCLUDED.removed_at IS NULL),
          (EXCLUDED.name, EXCLUDED.email, EXCLUDED.image_url, EXCLUDED.profile_at, true)
        ) AS chosen (name, email, image_url, profile_at, counts)
        WHERE chosen.counts ORDER BY chosen.profile_at DESC LIMIT 1),
      joined_at = EXCLUDED.joined_at, source_updated_at = EXCLUDED.source_updated_at, removed_at = EXCLUDED.removed_at
    WHERE CASE
      WHEN known.membership_id <> EXCLUDED.membership_id THEN
        (known.joined_at, known.membership_id) < (EXCLUDED.joined_at, EXCLUDED.membership_id)
      WHEN EXCLUDED.removed_at IS NOT NULL THEN
        known.removed_at IS NULL OR EXCLUDED.removed_at < known.removed_at
      ELSE known.removed_at IS NULL AND known.source_updated_at < EXCLUDED.source_updated_at
    END
    RETURNING old.removed_at IS NOT NULL AS "hadEnded"`;
  if (!written) return 'outdated';
  // Records no second event when only the time of the end has changed.
  if (state.removedAt && !written.hadEnded) await recordMemberRemoved(tx, public_user_data.user_id, state.removedAt);
  return 'applied';
}

/**
 * Whether the erasure of the store has begun: from then on no personal data may be written. The lock makes an erasure that is about to
 * begin wait for this transaction, so that it also erases what this one writes.
 */
async function isErased(tx: Tx, tenantId: string): Promise<boolean> {
  const [store] = await tx.$queryRaw<{ erased: boolean }[]>`
    SELECT erasure_lease_until IS NOT NULL OR erased_at IS NOT NULL AS erased
    FROM tenants WHERE tenant_id = ${tenantId} FOR SHARE`;
  return store?.erased ?? false;
}

async function endMembership(db: Db, tenantId: string, userId: string, at: Date): Promise<void> {
  await runInScope({ tenantId }, () =>
    db.$transaction(async (tx) => {
      const data = { ...NO_PERSONAL_DATA, sourceUpdatedAt: at, profileAt: at, removedAt: at };
      const ended = await tx.tenantMember.updateMany({ where: { tenantId, id: userId, removedAt: null }, data });
      if (ended.count > 0) await recordMemberRemoved(tx, userId, at);
      else await tx.tenantMember.updateMany({ where: { tenantId, id: userId, removedAt: { gt: at } }, data });
    }),
  );
}
