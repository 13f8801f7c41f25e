import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';
import type { Membership } from './clerkEvent';
import { type Outcome, takeInOnce } from './inbox';

/**
 * Someone joined an organization, or has another role or name there. The newest of what Clerk said counts, in whatever order
 * it comes, also before the organization's store is there.
 */
export async function membershipChanged(db: Db, deliveryId: string, membership: Membership): Promise<Outcome> {
  const { first_name, last_name, identifier, image_url, user_id } = membership.public_user_data;
  const tenantId = membership.organization.id;
  const outcome = await takeInOnce(db, tenantId, deliveryId, (tx) =>
    write(tx, membership, {
      role: membership.role,
      permissions: membership.permissions ?? [],
      name: [first_name, last_name].filter(Boolean).join(' ') || null,
      email: identifier?.includes('@') ? identifier : null,
      imageUrl: image_url ?? null,
      updatedAt: membership.updated_at,
      removedAt: null,
    }),
  );
  // After the write, so that a deletion of the person at the same time is seen by one of the two.
  const gone = await deletedUser(db, user_id);
  if (gone) await endMembership(db, tenantId, user_id, gone.deletedAt);
  return outcome;
}

/** Someone left an organization. The row stays without a word of the person: an older delivery can't bring them back. */
export function membershipDeleted(db: Db, deliveryId: string, membership: Membership, at: Date): Promise<Outcome> {
  const nobody = { role: '', permissions: [], name: null, email: null, imageUrl: null };
  return takeInOnce(db, membership.organization.id, deliveryId, (tx) =>
    write(tx, membership, { ...nobody, updatedAt: at, removedAt: at }),
  );
}

/** A person's account is gone, and with it every membership, in every store. */
export async function userDeleted(db: Db, deliveryId: string, userId: string, at: Date): Promise<Outcome> {
  // First that the person is gone: a membership that is written meanwhile finds this.
  const outcome = await takeInOnce(db, userId, deliveryId, async (tx) => {
    const first = await tx.clerkUser.createMany({ data: [{ tenantId: userId, deletedAt: at }], skipDuplicates: true });
    return first.count === 1 ? 'applied' : 'outdated';
  });
  const { deletedAt } = (await deletedUser(db, userId)) ?? { deletedAt: at };
  const memberships = await runInScope({ memberUserId: userId }, () =>
    db.tenantMember.findMany({ where: { id: userId }, select: { tenantId: true } }),
  );
  for (const { tenantId } of memberships) await endMembership(db, tenantId, userId, deletedAt);
  return outcome;
}

const deletedUser = (db: Db, userId: string) =>
  runInScope({ tenantId: userId }, () => db.clerkUser.findFirst({ where: { tenantId: userId } }));

interface MemberState {
  role: string;
  permissions: string[];
  name: string | null;
  email: string | null;
  imageUrl: string | null;
  updatedAt: Date;
  removedAt: Date | null;
}

/**
 * One statement, so that deliveries at once come one after another. Of one membership the newest counts, and its end, the
 * earliest that is known, over all; of two memberships of one person, who left and came back, the later.
 */
async function write(tx: Tx, { id, organization, public_user_data, created_at }: Membership, state: MemberState) {
  const count = await tx.$executeRaw`
    INSERT INTO tenant_members AS known (tenant_id, user_id, membership_id, role, permissions, name, email, image_url,
      joined_at, source_updated_at, removed_at)
    VALUES (${organization.id}, ${public_user_data.user_id}, ${id}, ${state.role}, ${state.permissions}, ${state.name},
      ${state.email}, ${state.imageUrl}, ${created_at}, ${state.updatedAt}, ${state.removedAt})
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET
      membership_id = EXCLUDED.membership_id, role = EXCLUDED.role, permissions = EXCLUDED.permissions,
      name = EXCLUDED.name, email = EXCLUDED.email, image_url = EXCLUDED.image_url, joined_at = EXCLUDED.joined_at,
      source_updated_at = EXCLUDED.source_updated_at, removed_at = EXCLUDED.removed_at
    WHERE CASE
      WHEN known.membership_id <> EXCLUDED.membership_id THEN
        (known.joined_at, known.membership_id) < (EXCLUDED.joined_at, EXCLUDED.membership_id)
      WHEN EXCLUDED.removed_at IS NOT NULL THEN
        known.removed_at IS NULL OR EXCLUDED.removed_at < known.removed_at
      ELSE known.removed_at IS NULL AND known.source_updated_at < EXCLUDED.source_updated_at
    END`;
  return count === 1 ? 'applied' : 'outdated';
}

async function endMembership(db: Db, tenantId: string, userId: string, at: Date): Promise<void> {
  await runInScope({ tenantId }, () =>
    db.tenantMember.updateMany({
      where: { tenantId, id: userId, OR: [{ removedAt: null }, { removedAt: { gt: at } }] },
      data: {
        role: '',
        permissions: [],
        name: null,
        email: null,
        imageUrl: null,
        sourceUpdatedAt: at,
        removedAt: at,
      },
    }),
  );
}
